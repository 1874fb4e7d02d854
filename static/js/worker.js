// The service worker. It keeps one page, for when there is no connection, and the files that this
// page names: nothing of anybody's, and no other page ever. What is kept is kept whole, under its
// version, or not at all. `SHELL` is written in front of this by app/portal/installed.py.
/* global SHELL */

const CACHE = `shell-${SHELL.version}`
const FILES = /"(\/static\/[^"]+)"/g

self.addEventListener('install', event => {
  // Polls need not wake the worker, where the browser can be told so.
  event.addRoutes?.({
    condition: { urlPattern: '/cases/*', requestMode: 'cors' },
    source: 'network'
  })
  // No page depends on the version before: none was made by it.
  self.skipWaiting()
  event.waitUntil(keep())
})

self.addEventListener('activate', event => event.waitUntil(dropOlder().then(goIfLeft)))

self.addEventListener('fetch', event => {
  const { request } = event
  const { origin, pathname } = new URL(request.url)
  if (request.method !== 'GET' || origin !== self.location.origin) return
  if (pathname.startsWith('/static/')) {
    event.respondWith(kept(request).then(file => file ?? fetch(request)))
  } else if (request.mode === 'navigate' && pathname !== '/exit') {
    // Whoever leaves in a hurry is shown nothing of this site, whatever the line does.
    event.respondWith(fetch(request).catch(() => kept(SHELL.offline)))
  }
})

// There is nothing in the call that wakes us: the words stand in SHELL, and say as little.
self.addEventListener('push', event => {
  const { title, body, icon, lang } = SHELL.told
  event.waitUntil(self.registration.showNotification(title, { body, icon, lang, tag: 'update' }))
})

self.addEventListener('notificationclick', event => {
  event.notification.close()
  event.waitUntil(self.clients.openWindow('/'))
})

async function keep () {
  const cache = await caches.open(CACHE)
  const page = await fetch(SHELL.offline, { credentials: 'omit', cache: 'reload' })
  if (!page.ok) throw new Error(`${page.status}`)
  const html = await page.clone().text()
  await cache.addAll(new Set([...html.matchAll(FILES)].map(([, path]) => path)))
  await cache.put(SHELL.offline, page)
}

/** Found without making a place for it anew: it may just have been dropped. */
function kept (request) {
  return caches.match(request, { cacheName: CACHE, ignoreVary: true })
}

async function dropOlder () {
  for (const name of await caches.keys()) if (name !== CACHE) await caches.delete(name)
}

/**
 * On a slow line somebody may have left while this was on its way, and no page is there to drop it.
 * Where nobody is to be told of news either, it goes by itself; the next page asks for it anew.
 */
async function goIfLeft () {
  const pages = await self.clients.matchAll({ includeUncontrolled: true })
  const told = await self.registration.pushManager?.getSubscription()
  if (pages.length > 0 || told) return
  await self.registration.unregister()
  await caches.delete(CACHE)
}
