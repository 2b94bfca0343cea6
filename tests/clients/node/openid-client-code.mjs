import * as library from 'openid-client'
import { complaint, proof, tell, told } from './talk.mjs'

/** Discovery and an application that checks the signatures of ID tokens, too. */
async function connected() {
  const config = await library.discovery(new URL(told.issuer), told.client_id, undefined, await proof(library))
  library.enableNonRepudiationChecks(config)
  return config
}

const STORIES = {
  begin: async () => {
    const config = await connected()
    const checks = {
      verifier: library.randomPKCECodeVerifier(),
      state: library.randomState(),
      nonce: library.randomNonce(),
    }
    const request = {
      ...told.asked,
      state: checks.state,
      nonce: checks.nonce,
      code_challenge: await library.calculatePKCECodeChallenge(checks.verifier),
      code_challenge_method: 'S256',
    }
    const build = told.pushed ? library.buildAuthorizationUrlWithPAR : library.buildAuthorizationUrl
    return { url: (await build(config, request)).href, checks }
  },
  finish: async () => {
    const config = await connected()
    const { verifier, state, nonce } = told.checks
    const given = await library.authorizationCodeGrant(config, new URL(told.callback), {
      pkceCodeVerifier: verifier,
      expectedState: state,
      expectedNonce: nonce,
      maxAge: Number(told.asked.max_age),
      idTokenExpected: true,
    })
    return { given, claims: given.claims() }
  },
  live: async (found = told.signed_in) => {
    const config = await connected()
    const { given, claims } = found
    const person = await library.fetchUserInfo(config, given.access_token, claims.sub)
    const next = await library.refreshTokenGrant(config, given.refresh_token)
    const again = await library.fetchUserInfo(config, next.access_token, next.claims().sub)
    await library.tokenRevocation(config, next.refresh_token, { token_type_hint: 'refresh_token' })
    const ended = await library.refreshTokenGrant(config, next.refresh_token).catch(complaint)
    const hint = { id_token_hint: given.id_token, post_logout_redirect_uri: told.goodbye, state: 'bye' }
    return { person, next, again, ended, leave: library.buildEndSessionUrl(config, hint).href }
  },
  whole: async () => {
    const found = await STORIES.finish()
    return { ...found, ...(await STORIES.live(found)) }
  },
}

await tell(STORIES[told.story])
