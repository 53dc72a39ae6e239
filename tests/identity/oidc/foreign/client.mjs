// An app written with openid-client. It reads what to do from its input, a line of JSON each, and answers each with a
// line: {"answer": ...}, or {"refused": {"by": ..., "why": ...}} where the platform or the client itself refuses.

import { createInterface } from 'node:readline'
import * as client from 'openid-client'

const ES256 = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' }
const apps = new Map()
let forged = null // how to change the next ID token on its way

const encoded = (value) => Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64url')
const decoded = (part) => JSON.parse(Buffer.from(part, 'base64url'))
const imported = (jwk) => crypto.subtle.importKey('jwk', jwk, ES256, false, ['sign'])

async function signed(header, claims, key) {
  const text = `${encoded(header)}.${encoded(claims)}`
  const signature = header.alg === 'none' ? '' : await crypto.subtle.sign(ES256, key, Buffer.from(text))
  return `${text}.${Buffer.from(signature).toString('base64url')}`
}

/** An assertion of the client's own, with `changed` header and claims; one with `alg: none` is made here. */
async function byKey({ jwk, changed = {} }) {
  const key = await imported(jwk)
  const change = (header, claims) => {
    Object.assign(header, changed.header)
    Object.assign(claims, changed.claims)
  }
  if (changed.header?.alg !== 'none') {
    return client.PrivateKeyJwt({ key, kid: jwk.kid }, { [client.modifyAssertion]: change })
  }
  return async (server, { client_id: id }, body) => {
    const now = Math.floor(Date.now() / 1000)
    const claims = { iss: id, sub: id, aud: server.issuer, jti: crypto.randomUUID(), iat: now, exp: now + 60 }
    body.set('client_id', id)
    body.set('client_assertion_type', 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer')
    body.set('client_assertion', await signed({ alg: 'none' }, claims))
  }
}

const METHODS = {
  none: () => client.None(),
  client_secret_basic: ({ secret }) => client.ClientSecretBasic(secret),
  client_secret_post: ({ secret }) => client.ClientSecretPost(secret),
  private_key_jwt: byKey,
}

/** What the network does: it hands over the answer, its ID token changed as the test wishes. */
async function fetched(address, options) {
  const response = await fetch(address, options)
  if (forged === null || !response.ok || !address.endsWith('/oauth/token')) return response
  const { header = {}, claims = {}, jwk } = forged
  forged = null
  const answer = await response.json()
  const [head, body] = answer.id_token.split('.').map((part, at) => (at < 2 ? decoded(part) : part))
  answer.id_token = await signed({ ...head, ...header }, { ...body, ...claims }, jwk && (await imported(jwk)))
  return Response.json(answer)
}

const shown = (tokens) => ({ ...tokens, claims: tokens.claims?.() ?? null })

const operations = {
  async discover({ app, issuer, id, method, ...proof }) {
    const execute = [client.allowInsecureRequests, client.enableNonRepudiationChecks]
    const options = { execute, [client.customFetch]: fetched }
    const config = await client.discovery(new URL(issuer), id, {}, await METHODS[method](proof), options)
    apps.set(app, config)
    return config.serverMetadata()
  },

  async address({ app, ...asked }) {
    const verifier = client.randomPKCECodeVerifier()
    const code_challenge = await client.calculatePKCECodeChallenge(verifier)
    const [nonce, state] = [client.randomNonce(), client.randomState()]
    const own = { nonce, state, code_challenge, code_challenge_method: 'S256' }
    const url = client.buildAuthorizationUrl(apps.get(app), { ...own, ...asked })
    return { url: url.href, verifier, nonce, state }
  },

  async exchange({ app, url, verifier, nonce, state, forge = null }) {
    forged = forge
    const checks = { pkceCodeVerifier: verifier, expectedNonce: nonce, expectedState: state }
    return shown(await client.authorizationCodeGrant(apps.get(app), new URL(url), checks))
  },

  refresh: async ({ app, token }) => shown(await client.refreshTokenGrant(apps.get(app), token)),
  credentials: async ({ app, scope }) => shown(await client.clientCredentialsGrant(apps.get(app), { scope })),
  introspect: ({ app, token }) => client.tokenIntrospection(apps.get(app), token),
  revoke: async ({ app, token }) => (await client.tokenRevocation(apps.get(app), token)) ?? null,
  userinfo: ({ app, token, subject }) => client.fetchUserInfo(apps.get(app), token, subject),
  leaving: async ({ app, ...asked }) => client.buildEndSessionUrl(apps.get(app), asked).href,
}

/** Whether the platform refused, with its code, or the client did not believe it, with its own. */
function refusal(error) {
  if (error.error) return { by: 'platform', why: error.error }
  if (error.cause?.[0]?.parameters) return { by: 'platform', why: error.cause[0].parameters.error }
  if (error.code?.startsWith('OAUTH_')) return { by: 'client', why: error.cause?.message ?? error.message }
  throw error
}

for await (const line of createInterface({ input: process.stdin })) {
  const { do: operation, ...words } = JSON.parse(line)
  const done = operations[operation](words)
  const told = await done.then((answer) => ({ answer }), (error) => ({ refused: refusal(error) }))
  process.stdout.write(`${JSON.stringify(told)}\n`)
}
