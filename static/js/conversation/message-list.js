// Puts what the server sent into the list: each message once, in order, never an older state
// over a newer one, whichever answer comes first.

import { NEWS } from './new-below.js'

const STYLE = 'app-messages'

/** Teaches htmx the swap style `app-messages`, which belongs to this page's list. */
export function registerSwap (htmx, list) {
  htmx.registerExtension(STYLE, {
    handle_swap: (style, _target, fragment) => style === STYLE && list.merge(fragment)
  })
}

export class MessageList {
  constructor (section, announcer) {
    this.section = section
    this.announcer = announcer
    this.list = section.querySelector('#messages')
    this.hasEarlier = 'hasEarlier' in this.list.dataset
    this.stamp([...this.list.children], this.cursor)
  }

  /** Whether this is the newest page; an earlier one must not be given what comes after a gap. */
  get isLive () {
    return 'hxGet' in this.list.dataset
  }

  /** How far this page has read: the highest revision that any answer spoke for. */
  get cursor () {
    return Number(this.list.dataset.cursor)
  }

  /**
   * Takes `<ol data-cursor>` with `<li data-message>` in it, and `[data-facts]`, the head of the
   * case. Returns the elements that are now on the page, for htmx. The answer's cursor says how
   * new both are.
   */
  merge (fragment) {
    const answer = fragment.querySelector('[data-cursor]')
    if (!answer) return []
    this.nextClientId = answer.dataset.clientId
    const asOf = Number(answer.dataset.cursor)
    const items = [...answer.children].filter(item => item.dataset.message)
    this.stamp(items, asOf)
    const wasLast = this.last
    const placed = items.filter(item => this.place(item, asOf))
    if (asOf >= this.cursor) this.showFacts(fragment.querySelector('[data-facts]'))
    this.list.dataset.cursor = Math.max(this.cursor, asOf)
    this.section.querySelector('[data-empty]').hidden = this.list.children.length > 0
    this.announce(placed.filter(item => number(item) > wasLast && !isMine(item)))
    return placed
  }

  /** The highest message number on the page. */
  get last () {
    const last = this.list.lastElementChild
    return last ? number(last) : 0
  }

  /** Replaces the message with the same number, or puts a new one where it belongs. */
  place (item, asOf) {
    const there = this.list.querySelector(`[data-message="${number(item)}"]`)
    if (there) {
      if (Number(there.dataset.asOf) > asOf) return false
      there.replaceWith(item)
      return true
    }
    const next = [...this.list.children].find(other => number(other) > number(item))
    // What belongs before the first one shown is behind "Show earlier messages".
    if (this.hasEarlier && next && next === this.list.firstElementChild) return false
    this.list.insertBefore(item, next ?? null)
    return true
  }

  /** What is said of the case itself; left alone where nothing of it changed. */
  showFacts (facts) {
    const there = document.querySelector('[data-facts]')
    if (facts && there && !facts.isEqualNode(there)) there.replaceWith(facts)
  }

  stamp (items, asOf) {
    for (const item of items) item.dataset.asOf = asOf
  }

  announce (items) {
    if (items.length === 0) return
    const { newMessage, newMessages } = this.section.dataset
    const authors = new Set(items.map(author))
    this.list.dispatchEvent(new CustomEvent(NEWS, { detail: items }))
    this.announcer.say(`${items.length === 1 ? newMessage : newMessages} ${[...authors].join(', ')}`)
  }
}

const number = item => Number(item.dataset.message)
const isMine = item => item.classList.contains('app-message--mine')
const author = item => item.querySelector('.app-message__author').textContent.trim()
