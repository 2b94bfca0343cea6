import * as library from 'oauth4webapi'
import { complaint, proof, tell, told } from './talk.mjs'

const client = { client_id: told.client_id }
const issuer = new URL(told.issuer)
const server = await library.processDiscoveryResponse(issuer, await library.discoveryRequest(issuer))
const proven = await proof(library)

async function pushed(request) {
  const response = await library.pushedAuthorizationRequest(server, client, proven, request)
  const { request_uri } = await library.processPushedAuthorizationResponse(server, client, response)
  return { client_id: told.client_id, request_uri }
}

async function person(token, subject) {
  const response = await library.userInfoRequest(server, client, token)
  return library.processUserInfoResponse(server, client, subject, response)
}

async function refreshed(token) {
  const response = await library.refreshTokenGrantRequest(server, client, proven, token)
  const next = await library.processRefreshTokenResponse(server, client, response)
  await library.validateApplicationLevelSignature(server, response)
  return next
}

const STORIES = {
  begin: async () => {
    const verifier = library.generateRandomCodeVerifier()
    const checks = { verifier, state: library.generateRandomState(), nonce: library.generateRandomNonce() }
    const request = {
      ...told.asked,
      client_id: told.client_id,
      response_type: 'code',
      state: checks.state,
      nonce: checks.nonce,
      code_challenge: await library.calculatePKCECodeChallenge(verifier),
      code_challenge_method: 'S256',
    }
    const url = new URL(server.authorization_endpoint)
    url.search = new URLSearchParams(told.pushed ? await pushed(request) : request)
    return { url: url.href, checks }
  },
  finish: async () => {
    const { verifier, state, nonce } = told.checks
    const answer = library.validateAuthResponse(server, client, new URL(told.callback), state)
    const uri = told.asked.redirect_uri
    const response = await library.authorizationCodeGrantRequest(server, client, proven, answer, uri, verifier)
    const expected = { expectedNonce: nonce, maxAge: Number(told.asked.max_age), requireIdToken: true }
    const given = await library.processAuthorizationCodeResponse(server, client, response, expected)
    await library.validateApplicationLevelSignature(server, response)
    return { given, claims: library.getValidatedIdTokenClaims(given) }
  },
  live: async (found = told.signed_in) => {
    const { given, claims } = found
    const first = await person(given.access_token, claims.sub)
    const next = await refreshed(given.refresh_token)
    const again = await person(next.access_token, library.getValidatedIdTokenClaims(next).sub)
    const hint = { additionalParameters: { token_type_hint: 'refresh_token' } }
    const revoked = await library.revocationRequest(server, client, proven, next.refresh_token, hint)
    await library.processRevocationResponse(revoked)
    const ended = await refreshed(next.refresh_token).catch(complaint)
    const leave = new URL(server.end_session_endpoint)
    leave.search = new URLSearchParams({
      id_token_hint: given.id_token,
      post_logout_redirect_uri: told.goodbye,
      state: 'bye',
    })
    return { person: first, next, again, ended, leave: leave.href }
  },
  whole: async () => {
    const found = await STORIES.finish()
    return { ...found, ...(await STORIES.live(found)) }
  },
}

await tell(STORIES[told.story])
