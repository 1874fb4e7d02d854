// New messages that come while somebody reads further up: nothing moves, and a button says so.

/** The list fires this with the new messages of the other side. */
export const NEWS = 'app:news'

export class NewBelow {
  constructor (section) {
    this.list = section.querySelector('#messages')
    this.button = section.querySelector('[data-new-below]')
    this.one = this.button.textContent
    this.waiting = [] // message numbers: an answer may put a newer copy in an element's place
    this.list.addEventListener(NEWS, event => this.note(event.detail))
    this.button.addEventListener('click', () => this.go())
    document.addEventListener('scroll', () => this.look(), { passive: true })
  }

  note (items) {
    this.waiting.push(...items.map(item => item.dataset.message))
    this.look()
  }

  /** What was scrolled to waits no more. */
  look () {
    if (this.waiting.length === 0 && this.button.hidden) return
    this.waiting = this.waiting.filter(number => isBelow(this.item(number)))
    const count = this.waiting.length
    this.button.hidden = count === 0
    const words = count === 1 ? this.one : this.button.dataset.more.replace('{count}', count)
    if (count && this.button.textContent !== words) this.button.textContent = words
  }

  /** To the first of them; who reads by keyboard or ear goes on from there. */
  go () {
    const item = this.item(this.waiting[0])
    this.waiting = []
    item.tabIndex = -1
    item.scrollIntoView({ block: 'center' })
    item.focus({ preventScroll: true })
    this.look()
  }

  item (number) {
    return this.list.querySelector(`[data-message="${number}"]`)
  }
}

const isBelow = item => item.getBoundingClientRect().top > window.innerHeight
