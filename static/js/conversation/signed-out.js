import { OVER } from '../session-warning.js'

const COVERED = 'app-signed-out' // the style hides what is private then, also what comes later

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
      if (event.submitter?.name === 'sign_in_again') this.leave(event)
    }, true)
    document.addEventListener(OVER, event => {
      event.preventDefault()
      this.show()
    })
  }

  /** Without a line the page would be gone, and with it what was typed. */
  leave (event) {
    event.stopPropagation()
    if (navigator.onLine) return
    event.preventDefault()
    const problem = this.panel.querySelector('[data-off-line]')
    problem.hidden = false
    this.announcer.say(problem.textContent)
  }

  show () {
    if (this.isShown) return
    this.isShown = true
    document.documentElement.classList.add(COVERED)
    document.title = this.words
    this.panel.hidden = false
    // On a small screen the place to write in is all that is in sight: the way back in goes there.
    document.querySelector('#composer:focus-within')?.append(this.panel)
    this.panel.scrollIntoView({ block: 'nearest' })
    this.announcer.say(this.words)
  }
}
