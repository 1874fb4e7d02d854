// Asks for news: often while somebody is there, seldom when nobody does anything, never when
// the page is hidden; more seldom on a very slow line, or for somebody who saves data. The server
// has the last word: "Poll-After: 30" asks for at least so many seconds, "Poll-After: stop" for a
// rest until somebody presses the button. One question at a time.

const AFTER_SENDING = 1200 // ms: about what the way onto the record takes
const SOONEST = 5000
const LATEST_WHEN_ACTIVE = 8000 // with the answer's way, news shows within 10 seconds
const SLOWER = 1.25
const WHEN_IDLE = 60000
const IDLE_AFTER = 5 * 60000
const WHEN_SPARING = 3 // times as long
const FAILURES_TO_MENTION = 3
const SIGNS_OF_LIFE = ['keydown', 'pointerdown', 'wheel', 'touchstart', 'focusin']

export class Polling {
  constructor (section, { htmx, list, signedOut }) {
    Object.assign(this, { section, htmx, messages: list, signedOut, target: list.list })
    this.delay = SOONEST
    this.failures = this.notBefore = this.atLeast = 0
    this.isPaused = false
    this.isAsking = false
    this.lastSign = this.lastAsked = Date.now()
    this.showControls()
    this.listen()
    this.plan()
  }

  showControls () {
    this.line = this.section.querySelector('[data-polling]')
    this.button = this.section.querySelector('[data-pause]')
    this.pauseLabel = this.button.textContent
    this.button.hidden = false
    this.section.querySelector('[data-without-scripts]').hidden = true
    this.describe()
  }

  listen () {
    this.target.addEventListener('htmx:config:request', event => this.addCursor(event.detail.ctx))
    this.target.addEventListener('htmx:before:response', event => this.refuseRedirect(event))
    this.target.addEventListener('htmx:after:request', event => this.hear(event.detail.ctx))
    this.target.addEventListener('htmx:error', event => this.note(event, false))
    this.target.addEventListener('htmx:finally:request', event => this.finish(event))
    this.button.addEventListener('click', () => this.togglePause())
    document.addEventListener('visibilitychange', () => this.wake())
    window.addEventListener('online', () => this.wake())
    for (const sign of SIGNS_OF_LIFE) {
      document.addEventListener(sign, () => this.seeLife(), { passive: true, capture: true })
    }
  }

  get isIdle () {
    return Date.now() - this.lastSign > IDLE_AFTER
  }

  get mayAsk () {
    return !this.isPaused && !this.signedOut.isShown && !document.hidden
  }

  plan () {
    clearTimeout(this.timer)
    if (!this.mayAsk) return
    const wait = (this.isIdle ? WHEN_IDLE : this.delay) * (isSparing() ? WHEN_SPARING : 1)
    const soonest = Math.max(wait, this.atLeast, this.notBefore - Date.now())
    this.timer = setTimeout(() => this.ask(), soonest)
  }

  ask () {
    clearTimeout(this.timer)
    if (!this.mayAsk || this.isAsking) return
    if (Date.now() < this.notBefore) return this.plan()
    this.isAsking = true
    this.lastAsked = Date.now()
    this.htmx.trigger(this.target, 'app:poll', {}, false)
  }

  addCursor (ctx) {
    if (ctx.sourceElement === this.target) ctx.request.body.set('after', this.messages.cursor)
  }

  /** A redirect leads to a whole page, never to messages. */
  refuseRedirect (event) {
    const { raw } = event.detail.ctx.response
    if (!raw.redirected) return
    event.preventDefault()
    this.signedOut.show()
  }

  hear (ctx) {
    if (ctx.sourceElement !== this.target) return
    const { status, headers } = ctx.response
    const after = headers.get('Poll-After')
    this.atLeast = after * 1000 || 0
    if (after === 'stop' && !this.isPaused) this.togglePause()
    if (status === 401) this.signedOut.show()
    else if (status === 429 || status === 503) this.backOff(headers)
    else if (status === 200) this.delay = SOONEST
    else this.delay = Math.min(this.delay * SLOWER, LATEST_WHEN_ACTIVE)
    this.count(status < 400 || status === 401)
  }

  /** Asked too often, as with very many pages open: not before the server says. */
  backOff (headers) {
    const seconds = Number(headers.get('Retry-After')) || WHEN_IDLE / 1000
    this.notBefore = Date.now() + seconds * 1000
  }

  note (event, went) {
    if (event.detail.ctx?.sourceElement === this.target) this.count(went)
  }

  count (went) {
    this.failures = went ? 0 : this.failures + 1
    this.describe()
  }

  finish (event) {
    if (event.detail.ctx.sourceElement !== this.target) return
    this.isAsking = false
    this.plan()
  }

  /** Back on the page, or back on line: ask at once. */
  wake () {
    clearTimeout(this.timer)
    this.delay = SOONEST
    if (!document.hidden) {
      this.lastSign = Date.now()
      this.ask()
    }
  }

  seeLife () {
    const wasIdle = this.isIdle
    this.lastSign = Date.now()
    if (wasIdle && Date.now() - this.lastAsked > LATEST_WHEN_ACTIVE) this.ask()
  }

  /** After a message was sent, its way onto the record is worth watching. */
  quicken () {
    this.delay = AFTER_SENDING
    if (!this.isAsking) this.plan()
  }

  togglePause () {
    this.isPaused = !this.isPaused
    this.button.textContent = this.isPaused ? this.button.dataset.resumeLabel : this.pauseLabel
    this.describe()
    if (this.isPaused) clearTimeout(this.timer)
    else this.ask()
  }

  describe () {
    const { paused, running, unreachable } = this.section.dataset
    const words = this.isPaused
      ? paused
      : this.failures >= FAILURES_TO_MENTION ? unreachable : running
    if (this.line.textContent !== words) this.line.textContent = words
  }
}

/** Whether the person saves data, or the line is hardly one. */
function isSparing () {
  const { saveData, effectiveType } = navigator.connection ?? {}
  return saveData || /2g/.test(effectiveType)
}
