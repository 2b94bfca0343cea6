import * as msal from '@azure/msal-node'
import { complaint, tell, told } from './talk.mjs'

const application = (kept) => {
  const app = told.auth.clientSecret || told.auth.clientCertificate
    ? new msal.ConfidentialClientApplication({ auth: told.auth, system: told.system })
    : new msal.PublicClientApplication({ auth: told.auth, system: told.system })
  if (kept) app.getTokenCache().deserialize(JSON.stringify(kept))
  return app
}

const memory = (app) => JSON.parse(app.getTokenCache().serialize())

/** What the library remembers, as if its access tokens had expired. */
function yesterday(app) {
  const kept = memory(app)
  for (const token of Object.values(kept.AccessToken)) token.expires_on = String(Math.floor(Date.now() / 1000) - 1)
  return kept
}

const refreshTokens = (app) => Object.values(memory(app).RefreshToken).map(({ secret }) => secret)

const STORIES = {
  behalf: async () => {
    const app = application()
    const asked = { oboAssertion: told.assertion, scopes: told.scopes, claims: told.claims }
    const first = await app.acquireTokenOnBehalfOf(asked)
    const second = await app.acquireTokenOnBehalfOf(asked)
    const third = await app.acquireTokenOnBehalfOf({ ...asked, skipCache: true })
    const late = await application(yesterday(app)).acquireTokenOnBehalfOf(asked)
    return { first, second, third, late }
  },
  renewed: async () => {
    const app = application()
    await app.acquireTokenOnBehalfOf({ oboAssertion: told.assertion, scopes: told.scopes })
    const [refreshToken] = refreshTokens(app)
    return await app.acquireTokenByRefreshToken({ refreshToken, scopes: told.others })
  },
  // Two objects: the first one remembers what it was refused.
  patient: async () => {
    const asked = { oboAssertion: told.assertion, scopes: told.scopes }
    return await application().acquireTokenOnBehalfOf(asked).catch(complaint)
  },
  own: async () => {
    const app = application()
    const first = await app.acquireTokenByClientCredential({ scopes: told.scopes })
    const second = await app.acquireTokenByClientCredential({ scopes: told.scopes })
    return { first, second }
  },
  begin: async () => {
    const checks = { ...(await new msal.CryptoProvider().generatePkceCodes()), state: told.state }
    const asked = { scopes: told.scopes, redirectUri: told.callback, responseMode: told.mode, state: told.state }
    const challenge = { codeChallenge: checks.challenge, codeChallengeMethod: 'S256', nonce: told.nonce }
    return { url: await application().getAuthCodeUrl({ ...asked, ...challenge }), checks }
  },
  finish: async () => {
    const app = application()
    const { verifier: codeVerifier, state } = told.checks
    const asked = { code: told.answer.code, scopes: told.scopes, redirectUri: told.callback, codeVerifier, state, nonce: told.nonce }
    const first = await app.acquireTokenByCode(asked, told.answer)
    const { account } = first
    const second = await app.acquireTokenSilent({ account, scopes: told.scopes })
    const forced = await app.acquireTokenSilent({ account, scopes: told.scopes, forceRefresh: true })
    const late = await application(yesterday(app)).acquireTokenSilent({ account, scopes: told.scopes })
    const spent = await app.acquireTokenByCode(asked, told.answer).catch(complaint)
    return { first, second, forced, late, spent }
  },
}

await tell(STORIES[told.story])
