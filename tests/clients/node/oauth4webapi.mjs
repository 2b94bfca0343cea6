import * as library from 'oauth4webapi'
import { proof, tell, told } from './talk.mjs'

const client = { client_id: told.client_id, ...(told.signed && { introspection_signed_response_alg: 'RS256' }) }

async function discovered() {
  const issuer = new URL(told.issuer)
  const response = await library.discoveryRequest(issuer, { algorithm: told.algorithm ?? 'oidc' })
  return library.processDiscoveryResponse(issuer, response)
}

async function token(server, proven) {
  const response = await library.clientCredentialsGrantRequest(server, client, proven, { audience: told.audience })
  return library.processClientCredentialsResponse(server, client, response)
}

async function introspected(server, proven, text) {
  const response = await library.introspectionRequest(server, client, proven, text)
  const found = await library.processIntrospectionResponse(server, client, response)
  if (told.signed) await library.validateApplicationLevelSignature(server, response)
  return found
}

const STORIES = {
  discovery: discovered,
  token: async () => token(await discovered(), await proof(library)),
  life: async () => {
    const [server, proven] = [await discovered(), await proof(library)]
    const given = await token(server, proven)
    const living = await introspected(server, proven, given.access_token)
    const revoked = await library.revocationRequest(server, client, proven, given.access_token)
    await library.processRevocationResponse(revoked)
    return { token: given, living, ended: await introspected(server, proven, given.access_token) }
  },
  resource: async () => {
    const server = await discovered()
    const request = new Request(told.audience, { headers: { authorization: `Bearer ${told.token}` } })
    return library.validateJwtAccessToken(server, request, told.audience)
  },
}

await tell(STORIES[told.story])
