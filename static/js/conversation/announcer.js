const GAP = 150 // ms between clearing and speaking, so that the same words are spoken again

/** Says things to a screen reader through one hidden status element that is there from load. */
export class Announcer {
  constructor (element) {
    this.element = element
    this.waiting = []
  }

  /** What still waits to be said is said with it. */
  say (words) {
    clearTimeout(this.timer)
    this.element.textContent = ''
    this.waiting.push(words)
    this.timer = setTimeout(() => {
      this.element.textContent = this.waiting.splice(0).join('. ').replaceAll('.. ', '. ')
    }, GAP)
  }
}
