// Being told of news on this device. Without a push service in the browser nothing of it shows.
const canBeTold = 'PushManager' in window && 'Notification' in window && navigator.serviceWorker

for (const element of document.querySelectorAll('[data-module~="app-push-offer"]')) {
  if (canBeTold) element.hidden = false
  // Nobody is told here: what the browser still has of it is of no use.
  unsubscribe().catch(() => {})
}
for (const form of document.querySelectorAll('[data-module~="app-push"]')) if (canBeTold) offer(form)

function offer (form) {
  document.querySelector('[data-without-push]').hidden = true
  form.hidden = false
  form.addEventListener('submit', async event => {
    // Without the tick the server says what is missing.
    if (!form.elements.only_me.checked) return
    event.preventDefault()
    say(form, '')
    try {
      form.elements.endpoint.value = await subscribe(form.dataset.key)
      form.submit()
    } catch {
      say(form, form.querySelector('template').content.textContent)
    }
  })
}

/** An address of this person's own: one that somebody had here before is given up. */
async function subscribe (key) {
  if (await Notification.requestPermission() !== 'granted') throw new Error('not allowed')
  await navigator.serviceWorker.register(`/sw.js?lang=${document.documentElement.lang}`)
  const { pushManager } = await navigator.serviceWorker.ready
  await unsubscribe()
  const { endpoint } = await pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: key })
  return endpoint
}

async function unsubscribe () {
  const registration = await navigator.serviceWorker?.getRegistration()
  const subscription = await registration?.pushManager?.getSubscription()
  await subscription?.unsubscribe()
}

function say (form, words) {
  form.querySelector('.app-push-failed').textContent = words
}
