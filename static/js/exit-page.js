// GOV.UK's "Exit this page" (click, or Shift three times), made to leave as little as it can.
import { ExitThisPage } from 'govuk-frontend/dist/govuk/components/exit-this-page/exit-this-page.mjs'
import { dropShell } from './shell.js'

export class ExitPage extends ExitThisPage {
  static moduleName = 'app-exit-page'

  /** It is called a button, so Space presses it too. */
  initButtonClickHandler () {
    super.initButtonClickHandler()
    this.$button.addEventListener('keydown', event => event.key === ' ' && this.handleClick(event))
  }

  /**
   * Covers the page, ends the session and puts the other page in this one's place, so that
   * Back does not lead here. If the line is dead, the cookie makes the server end the session
   * at the next request.
   */
  exitPage () {
    const { href } = this.$button
    const secure = window.location.protocol === 'https:' ? '; Secure' : ''
    document.cookie = `leaving=1; path=/; SameSite=Lax${secure}`
    this.cover()
    navigator.sendBeacon?.(href)
    dropShell()
    window.location.replace(href)
  }

  /** As GOV.UK's own: an empty page that says "Loading" to a screen reader. */
  cover () {
    this.$updateSpan.textContent = ''
    document.body.classList.add('govuk-exit-this-page-hide-content')
    this.$overlay = document.createElement('div')
    this.$overlay.className = 'govuk-exit-this-page-overlay'
    this.$overlay.setAttribute('role', 'alert')
    document.body.appendChild(this.$overlay)
    this.$overlay.textContent = this.i18n.t('activated')
    document.title = this.i18n.t('activated')
  }
}
