// The certified provider from npm, signing in whoever the test says, without asking anybody:
//   node tests/openid/provider.mjs PORT REDIRECT_URI
// PUT /control {"person": {…claims} or null (who cancels), "fault": …, "inToken": bool, "rotate": true}
// changes it while it runs. Faults: what a token of a bad, broken or foreign provider would be.
import { createSign, generateKeyPairSync } from 'node:crypto'
import { createServer } from 'node:http'
import { Provider } from 'oidc-provider'

const [port, redirectUri] = process.argv.slice(2)
const issuer = `http://127.0.0.1:${port}`
const CLIENT = 'portal'
const SECRET = 'made-up-client-secret'

const state = { person: { sub: 'nobody' }, fault: null, inToken: true }
let keys = 0
let current = start()

function start () {
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
  const kid = `key-${++keys}`
  const jwk = { ...privateKey.export({ format: 'jwk' }), kid, use: 'sig', alg: 'RS256' }
  const provider = new Provider(issuer, {
    clients: [{ client_id: CLIENT, client_secret: SECRET, redirect_uris: [redirectUri] }],
    jwks: { keys: [jwk] },
    cookies: { keys: ['made-up-for-tests'] },
    features: { devInteractions: { enabled: false } },
    claims: {
      openid: ['sub'], email: ['email', 'email_verified'], profile: ['collar', 'groups', 'name']
    },
    conformIdTokenClaims: !state.inToken,
    pkce: { required: () => true },
    interactions: { url: (_ctx, interaction) => `/login/${interaction.uid}` },
    findAccount: (_ctx, id) => ({ accountId: id, claims: async () => ({ ...state.person, sub: id }) }),
    async loadExistingGrant (ctx) {
      const { client, session } = ctx.oidc
      const grant = new provider.Grant({ clientId: client.clientId, accountId: session.accountId })
      grant.addOIDCScope('openid email profile')
      await grant.save()
      return grant
    }
  })
  provider.use(async (ctx, next) => {
    if (state.fault === 'down') ctx.throw(500)
    await next()
    if (ctx.path === '/token' && ctx.body?.id_token) {
      ctx.body.id_token = altered(ctx.body.id_token, privateKey)
    }
  })
  return { provider, handle: provider.callback() }
}

// The token with the fault in it, signed again, so that nothing but the fault is wrong.
function altered (token, ownKey) {
  const [head, body] = token.split('.').slice(0, 2).map(part => JSON.parse(Buffer.from(part, 'base64url')))
  const now = Math.floor(Date.now() / 1000)
  const faults = {
    nonce: { nonce: 'another' },
    'no-nonce': { nonce: undefined },
    audience: { aud: 'another-client' },
    issuer: { iss: 'https://elsewhere.example' },
    expired: { iat: now - 7200, exp: now - 3600 },
    'from-the-future': { iat: now + 3600, exp: now + 7200 }
  }
  const key = state.fault === 'key' ? generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey : ownKey
  if (state.fault === 'unsigned') return sealed({ ...head, alg: 'none' }, body)
  return sealed(head, { ...body, ...faults[state.fault] }, key)
}

function sealed (head, body, key) {
  const text = [head, body].map(part => Buffer.from(JSON.stringify(part)).toString('base64url')).join('.')
  const signature = key ? createSign('RSA-SHA256').update(text).sign(key, 'base64url') : ''
  return `${text}.${signature}`
}

async function control (request, response) {
  let text = ''
  for await (const part of request) text += part
  const { rotate, ...wanted } = JSON.parse(text)
  const isOther = wanted.inToken !== undefined && wanted.inToken !== state.inToken
  Object.assign(state, wanted)
  if (rotate || isOther) current = start()
  response.writeHead(204).end()
}

async function signIn (request, response) {
  const result = state.person
    ? { login: { accountId: state.person.sub } }
    : { error: 'access_denied', error_description: 'cancelled' }
  await current.provider.interactionFinished(request, response, result, { mergeWithLastSubmission: false })
}

createServer((request, response) => {
  const answer = request.url === '/control'
    ? control(request, response)
    : request.url.startsWith('/login/') ? signIn(request, response) : current.handle(request, response)
  Promise.resolve(answer).catch(error => {
    console.error(error)
    response.writeHead(500).end()
  })
}).listen(Number(port), '127.0.0.1')
