// Sending without losing a word: once per press, again under the same id after a failure.
import { focusErrorSummary } from '../error-summary.js'
import { CharacterCount } from './character-count.js'
import { USED } from '../session-warning.js'

const REFUSED = 422
const SLOW_AFTER = 8000 // ms under way before the page says so
const AGAIN_AFTER = 5000 // ms after a failure; longer after each further one
const AGAIN_AT_MOST = 60000

export class Composer {
  constructor ({ list, announcer, signedOut, polling }) {
    Object.assign(this, { list, announcer, signedOut, polling })
    this.isSending = false
    this.wait = AGAIN_AFTER
    this.bind()
  }

  get form () {
    return document.getElementById('composer')
  }

  get field () {
    return this.form.elements.namedItem('text')
  }

  get button () {
    return this.form.querySelector('button[type="submit"]')
  }

  /** Binds the form that is on the page now; a refusal puts a new one in its place. */
  bind () {
    const { form } = this
    // A name with a colon cannot be written in valid HTML, so it is set here.
    form.setAttribute('hx-status:422', '{"target": "#composer", "swap": "outerHTML"}')
    this.sendLabel = this.button.textContent
    this.count = new CharacterCount(form)
    form.addEventListener('htmx:config:request', event => this.prepare(event.detail.ctx))
    form.addEventListener('htmx:before:response', event => this.refuseRedirect(event))
    form.addEventListener('htmx:after:request', event => this.hear(event.detail.ctx))
    form.addEventListener('htmx:before:swap', event => this.keepLaterWords(event.detail))
    form.addEventListener('htmx:error', event => this.keepTrying(event.detail.ctx))
    form.addEventListener('htmx:finally:request', () => this.rest())
  }

  listen () {
    document.addEventListener('submit', event => this.stopSecondPress(event), true)
    document.addEventListener('htmx:after:swap', event => this.settle(event.detail.ctx))
    document.addEventListener('visibilitychange', () => this.sendAgain())
    for (const sign of ['online', 'focus']) window.addEventListener(sign, () => this.sendAgain())
  }

  stopSecondPress (event) {
    if (event.target !== this.form || event.submitter?.name === 'sign_in_again') return
    if (!this.isSending && !this.signedOut.isShown) return
    event.preventDefault()
    event.stopPropagation()
  }

  prepare (ctx) {
    clearTimeout(this.timer)
    this.isSending = true
    this.isUnsent = false
    this.sentText = this.field.value
    // Once told that it was not sent, nobody is told again at each further try.
    if (!this.failed) this.slow = setTimeout(() => this.explain(this.form.dataset.slow), SLOW_AFTER)
    ctx.request.body.set('after', this.list.cursor)
    this.button.setAttribute('aria-disabled', 'true')
    this.button.textContent = this.form.dataset.sending
  }

  /** A redirect means that the session is gone: the page behind it is for nobody's list. */
  refuseRedirect (event) {
    if (!event.detail.ctx.response.raw.redirected) return
    event.preventDefault()
    this.signedOut.show()
  }

  hear (ctx) {
    const { status } = ctx.response
    if (status === 401) this.signedOut.show()
    else if (status === 400) this.sendAsPage()
    else if (status === 429) this.explain(this.form.dataset.tooMany)
    else if (status >= 400 && status !== 404 && status !== REFUSED) this.keepTrying(ctx)
  }

  /**
   * No answer, or none of use: the words may be stored or not. They stay here, on this page alone,
   * and go again under the same client id, which stores them once.
   */
  keepTrying ({ request }) {
    const { slow, notSent } = this.form.dataset
    this.explain(request.signal?.reason === 'timeout' ? slow : notSent)
    this.isUnsent = true
    this.timer = setTimeout(() => this.sendAgain(), this.wait)
    this.wait = Math.min(this.wait * 2, AGAIN_AT_MOST)
  }

  /** By itself only what was sent once and not changed since. */
  sendAgain () {
    const isWanted = this.isUnsent && !this.isSending && this.field.value === this.sentText
    if (isWanted && navigator.onLine && !document.hidden) this.button.click()
  }

  /** The form's token is too old: a whole page can say so, and gives the words back. */
  sendAsPage () {
    HTMLFormElement.prototype.submit.call(this.form)
  }

  /** If more was typed while a refusal was under way, the new form keeps the newer words. */
  keepLaterWords ({ ctx, tasks }) {
    if (ctx.response.status !== REFUSED || this.field.value === this.sentText) return
    for (const { fragment } of tasks) {
      const field = fragment.querySelector('textarea')
      if (field) field.value = this.field.value
    }
  }

  settle (ctx) {
    if (ctx.response?.status === REFUSED && ctx.request.method === 'POST') this.showRefusal()
    else if (ctx.sourceElement === this.form && ctx.response?.status === 200) this.succeed()
  }

  showRefusal () {
    // The old form is gone, and with it whoever would have heard that its request is over.
    this.isSending = this.failed = false
    clearTimeout(this.slow)
    this.bind()
    const summary = this.form.querySelector('[data-module~="govuk-error-summary"]')
    if (summary) focusErrorSummary(summary)
  }

  succeed () {
    const { nextClientId } = this.list
    if (nextClientId) this.form.elements.namedItem('client_id').value = nextClientId
    if (this.field.value === this.sentText) this.field.value = ''
    this.clearErrors()
    this.count.update()
    this.wait = AGAIN_AFTER
    this.say(this.form.dataset.sent)
    this.field.addEventListener('input', () => this.hideProblem(), { once: true })
    document.dispatchEvent(new CustomEvent(USED))
    this.polling?.quicken()
  }

  clearErrors () {
    const { form } = this
    this.failed = false
    this.hideProblem()
    form.querySelector('.govuk-error-summary')?.remove()
    form.querySelector('.govuk-error-message')?.remove()
    form.querySelector('.govuk-form-group--error')?.classList.remove('govuk-form-group--error')
    this.field.classList.remove('govuk-textarea--error')
    this.button.textContent = this.sendLabel
  }

  /** Unless it still holds. */
  hideProblem () {
    if (!this.failed) this.form.querySelector('[data-problem]').hidden = true
  }

  explain (words) {
    this.failed = true
    this.say(words)
  }

  /** Beside the button, and once to a screen reader. */
  say (words) {
    const said = this.form.querySelector('[data-problem]')
    if (said.hidden || said.textContent !== words) this.announcer.say(words)
    said.textContent = words
    said.hidden = false
  }

  rest () {
    this.isSending = false
    clearTimeout(this.slow)
    const { button, form } = this
    button.removeAttribute('aria-disabled')
    button.textContent = this.failed ? form.dataset.tryAgain : this.sendLabel
  }
}
