// The page with a conversation: htmx, and what keeps the list, the form and the clock in step.
import htmx from 'htmx.org/dist/htmx.esm.min.js'
import { Announcer } from './conversation/announcer.js'
import { Composer } from './conversation/composer.js'
import { MessageList, registerSwap } from './conversation/message-list.js'
import { NewBelow } from './conversation/new-below.js'
import { Polling } from './conversation/polling.js'
import { SignedOut } from './conversation/signed-out.js'

const section = document.querySelector('[data-module~="app-conversation"]')
if (section) start(section)

function start (section) {
  const announcer = new Announcer(section.querySelector('[data-announcer]'))
  const list = new MessageList(section, announcer)
  const signedOut = new SignedOut(section, announcer)
  registerSwap(htmx, list)
  if (list.isLive) new NewBelow(section)
  const polling = list.isLive ? new Polling(section, { htmx, list, signedOut }) : null
  const form = document.getElementById('composer')
  if (form && list.isLive) new Composer({ list, announcer, signedOut, polling }).listen()
  // From an earlier page a message goes as a whole page, which then shows the newest ones.
  else form?.removeAttribute('data-hx-post')
}
