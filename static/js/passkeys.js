// Forms that a passkey fills in. They stay hidden where the browser has no passkeys.
for (const form of document.querySelectorAll('[data-module~="app-passkey"]')) {
  if (window.PublicKeyCredential) offer(form)
}

function offer (form) {
  form.hidden = false
  form.addEventListener('submit', async event => {
    event.preventDefault()
    say(form, '')
    try {
      const credential = await ask(JSON.parse(form.dataset.options))
      form.elements.credential.value = JSON.stringify(credential)
      form.submit()
    } catch {
      // Given up, or taken too long, or not the right device: nothing was sent.
      say(form, form.querySelector('template').content.textContent)
    }
  })
}

function say (form, words) {
  form.querySelector('.app-passkey-failed').textContent = words
}

/** Makes a passkey, or uses one: only to make one does the site say for whom. */
async function ask (options) {
  const publicKey = { ...options, challenge: bytes(options.challenge) }
  for (const name of ['allowCredentials', 'excludeCredentials']) {
    if (options[name]) publicKey[name] = options[name].map(each => ({ ...each, id: bytes(each.id) }))
  }
  if (!options.user) return told(await navigator.credentials.get({ publicKey }))
  publicKey.user = { ...options.user, id: bytes(options.user.id) }
  return told(await navigator.credentials.create({ publicKey }))
}

function told ({ id, rawId, type, response }) {
  const parts = ['clientDataJSON', 'attestationObject', 'authenticatorData', 'signature', 'userHandle']
  const said = parts.filter(name => response[name]).map(name => [name, text(response[name])])
  return { id, rawId: text(rawId), type, response: Object.fromEntries(said) }
}

function bytes (base64url) {
  const base64 = base64url.replaceAll('-', '+').replaceAll('_', '/')
  return Uint8Array.from(atob(base64), character => character.charCodeAt(0))
}

function text (buffer) {
  const binary = String.fromCharCode(...new Uint8Array(buffer))
  return btoa(binary).replaceAll('+', '-').replaceAll('/', '_').replace(/=+$/, '')
}
