/**
 * A page that comes back from the back-forward cache may show a conversation after its
 * session ended: ask the server again.
 */
export function reloadWhenRestored () {
  window.addEventListener('pageshow', event => {
    if (!event.persisted) return
    document.documentElement.hidden = true
    window.location.reload()
  })
}
