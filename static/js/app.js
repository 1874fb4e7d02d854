// Every page: the way out first, then what helps with forms.
import { ExitPage } from './exit-page.js'
import { focusErrorSummary } from './error-summary.js'
import { preventDoubleSubmit } from './once.js'
import { reloadWhenRestored } from './restored-page.js'
import { SessionWarning } from './session-warning.js'
import { bindShell, reloadOnLine } from './shell.js'

document.body.classList.add('js-enabled', 'govuk-frontend-supported')
reloadWhenRestored()
each('app-exit-page', element => new ExitPage(element))
each('govuk-error-summary', focusErrorSummary)
each('app-once', preventDoubleSubmit)
each('app-session', element => new SessionWarning(element))
each('app-offline', reloadOnLine)
bindShell()
// A module runs after the style is there. What it asks for now does not share the line with it.
for (const later of document.querySelectorAll('meta[name="app-later"]')) import(later.content)

function each (name, bind) {
  for (const element of document.querySelectorAll(`[data-module~="${name}"]`)) bind(element)
}
