// What is kept on the device for when there is no connection (see worker.js): while somebody is
// signed in, and for good where the site was put on the home screen, which shows it anyway.

const AFTER = 3000 // ms: everything else comes first
const LOOKS_EVERY = 10000

let timer, isDropped

const isInstalled = () => navigator.standalone || matchMedia('(display-mode: standalone)').matches

/** Keeps it or drops it, as this page asks. Nobody is ever asked to install anything. */
export function bindShell () {
  window.addEventListener('beforeinstallprompt', event => event.preventDefault())
  const isOurs = document.querySelector('link[rel="manifest"]')
  if (!isOurs || !navigator.serviceWorker) return
  const isSignedIn = document.querySelector('[data-module~="app-session"]')
  if (isSignedIn || isInstalled()) timer = setTimeout(keepShell, AFTER)
  // The session may only have run out: who is told of news on this device still is.
  else if (location.pathname.startsWith('/sign-in')) isTold().then(told => told || dropShell())
  // "You are signed out", "You have stopped using this service".
  else if (/^\/(sign|stopped$)/.test(location.pathname)) dropShell()
}

async function isTold () {
  const registration = await navigator.serviceWorker.getRegistration()
  return Boolean(await registration?.pushManager?.getSubscription())
}

function keepShell () {
  // Without it the site works as well: some browsers forbid it.
  navigator.serviceWorker.register(`/sw.js?lang=${document.documentElement.lang}`)
    .then(() => isDropped && dropShell(), () => {})
}

/** Leaves no more behind than there was before. */
export async function dropShell () {
  if (!navigator.serviceWorker) return
  // Nor does it come back: the line may be so slow that it was still on its way.
  clearTimeout(timer)
  isDropped = true
  const registration = await navigator.serviceWorker.getRegistration()
  if (registration) forgetNews(registration)
  if (isInstalled()) return
  const { installing, active } = registration ?? {}
  if (installing && !active) {
    // It would still put something down: it goes when all is there, from here or by itself.
    installing.onstatechange = dropShell
    return
  }
  registration?.unregister()
  for (const name of await caches.keys()) caches.delete(name)
}

/** Nobody is told here any more, and what was told goes from the screen. */
async function forgetNews (registration) {
  for (const each of await registration.getNotifications?.() ?? []) each.close()
  const subscription = await registration.pushManager?.getSubscription()
  await subscription?.unsubscribe()
}

/**
 * The page for when there is no connection goes when there is one. The browser's own word for that
 * is not enough: a phone may well be in a network that leads nowhere.
 */
export function reloadOnLine () {
  if (location.pathname === '/offline') return
  const look = () => document.hidden || fetch('/healthz').then(() => location.reload(), () => {})
  window.addEventListener('online', look)
  setInterval(look, LOOKS_EVERY)
}
