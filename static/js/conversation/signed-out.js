/**
 * The session ended while the page was open: cover what is private, keep what was typed, and
 * offer the way back in. The button posts the form as a whole page would, with
 * `sign_in_again`, so the server can keep the words and give them back.
 */
export class SignedOut {
  constructor (section, announcer) {
    this.announcer = announcer
    this.words = section.dataset.signedOut
    this.panel = section.querySelector('[data-signed-out-panel]')
    this.isShown = false
    // htmx listens on the form: this one must reach the browser untouched.
    document.addEventListener('submit', event => {
      if (event.submitter?.name === 'sign_in_again') event.stopPropagation()
    }, true)
  }

  show () {
    if (this.isShown) return
    this.isShown = true
    for (const element of document.querySelectorAll('[data-private]')) element.hidden = true
    for (const button of document.querySelectorAll('#composer button')) button.hidden = true
    this.panel.hidden = false
    this.announcer.say(this.words)
  }
}
