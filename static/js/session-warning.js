// Warns before the session ends, once, without moving focus, and lets the person stay signed in.

const WARNS_BEFORE = 120000 // ms; half the time where a session is shorter than twice that
const TYPING_EVERY = 300000
const LOOKS_EVERY = 1000
const GRACE = 3000 // ms after the end, so that the server agrees
const ASKS_FOR = 5000 // ms; without an answer by then the session counts as over
const SHOWN = 'app-session-warns'

/** Sending a message says this: the session counts anew. */
export const USED = 'app:session-used'

/** The session is over. Who covers the page for that prevents the default: to load it anew. */
export const OVER = 'app:session-over'

export class SessionWarning {
  constructor (element) {
    this.element = element
    this.form = element.querySelector('form')
    this.words = element.querySelector('[data-session-words]')
    this.spoken = element.querySelector('[data-session-spoken]')
    this.clock = document.querySelector('[data-session-ends]')
    this.idle = milliseconds(element.dataset.sessionIdle)
    this.limit = Date.now() + milliseconds(element.dataset.sessionLimit)
    this.lastUse = Date.now()
    this.setEnd(milliseconds(element.dataset.sessionSeconds))
    this.listen()
    this.timer = setInterval(() => this.look(), LOOKS_EVERY)
  }

  listen () {
    this.form.addEventListener('submit', event => {
      event.preventDefault()
      this.stay()
    })
    document.addEventListener('input', () => this.noteTyping(), { passive: true })
    document.addEventListener('visibilitychange', () => this.look())
    document.addEventListener(USED, () => this.use(this.idle))
  }

  /** Whether nothing can put the end off any more. */
  get isLast () {
    return this.end >= this.limit - LOOKS_EVERY
  }

  get warnsBefore () {
    return Math.min(WARNS_BEFORE, this.idle / 2)
  }

  setEnd (left) {
    this.end = Math.min(Date.now() + left, this.limit)
  }

  look () {
    const left = this.end - Date.now()
    if (left <= -GRACE) this.over()
    else if (left > 0 && left <= this.warnsBefore) this.warn()
  }

  warn () {
    if (!this.form.hidden) return
    const { warning, lastWarning } = this.element.dataset
    this.words.textContent = this.isLast ? lastWarning : warning
    this.form.querySelector('button').hidden = this.isLast
    this.form.hidden = false
    document.documentElement.classList.add(SHOWN)
    this.spoken.textContent = this.words.textContent
  }

  async stay () {
    if (await this.extend()) this.spoken.textContent = this.element.dataset.extended
    else this.words.textContent = this.spoken.textContent = this.element.dataset.notExtended
  }

  noteTyping () {
    const due = Math.min(TYPING_EVERY, this.idle / 3)
    if (Date.now() - this.lastUse < due || this.isLast) return
    this.lastUse = Date.now()
    this.extend()
  }

  /** Asks the server; true if the session goes on. Only to ask puts nothing off. */
  async extend (onlyAsks) {
    try {
      const body = new URLSearchParams(new FormData(this.form))
      if (onlyAsks) body.set('only_asks', 1)
      const answer = await fetch(this.form.action, {
        method: 'POST',
        body,
        redirect: 'error',
        signal: onlyAsks ? AbortSignal.timeout?.(ASKS_FOR) : null
      })
      if (!answer.ok) return false
      if (!onlyAsks) this.lastUse = Date.now()
      this.goOn(milliseconds(await answer.text()))
      return true
    } catch {
      return false
    }
  }

  /** The person did something: the time counts anew, and no warning stands. */
  use (left) {
    this.lastUse = Date.now()
    this.goOn(left)
  }

  goOn (left) {
    this.setEnd(left)
    this.hide()
    this.showTime()
  }

  hide () {
    // Who pressed the button stays where they are, and not at the top of the page.
    const hadFocus = this.form.contains(document.activeElement)
    this.form.hidden = true
    this.spoken.textContent = ''
    document.documentElement.classList.remove(SHOWN)
    if (hadFocus) document.getElementById('main-content').focus({ preventScroll: true })
  }

  showTime () {
    if (!this.clock) return
    const end = new Date(this.end)
    this.clock.dateTime = end.toISOString()
    this.clock.textContent = new Intl.DateTimeFormat(document.documentElement.lang, {
      hour: 'numeric', minute: '2-digit', hour12: true, timeZone: 'Europe/London'
    }).format(end).toLowerCase().replace(/\s/g, '')
  }

  /**
   * Unless another tab has put the end off, which the server knows. Where it cannot be asked, the
   * page is covered too: a conversation covers itself and keeps what was typed.
   */
  async over () {
    if (this.isOver) return
    this.isOver = true
    this.isOver = !await this.extend(true)
    if (!this.isOver) return
    clearInterval(this.timer)
    this.hide()
    if (!document.dispatchEvent(new CustomEvent(OVER, { cancelable: true }))) return
    document.documentElement.hidden = true
    window.location.reload()
  }
}

const milliseconds = seconds => Number(seconds) * 1000
