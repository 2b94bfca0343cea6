import * as library from 'openid-client'
import { proof, tell, told } from './talk.mjs'

/** Discovery and a client that proves itself in the way it was told. */
async function connected() {
  const metadata = told.signed ? { introspection_signed_response_alg: 'RS256' } : undefined
  const options = { algorithm: told.algorithm ?? 'oidc' }
  const found = await library.discovery(new URL(told.issuer), told.client_id, metadata, await proof(library), options)
  if (told.signed) library.enableNonRepudiationChecks(found)
  return found
}

const STORIES = {
  discovery: async () => (await connected()).serverMetadata(),
  token: async () => library.clientCredentialsGrant(await connected(), { audience: told.audience }),
  life: async () => {
    const config = await connected()
    const token = await library.clientCredentialsGrant(config, { audience: told.audience })
    const living = await library.tokenIntrospection(config, token.access_token)
    await library.tokenRevocation(config, token.access_token)
    const ended = await library.tokenIntrospection(config, token.access_token)
    return { token, living, ended }
  },
}

await tell(STORIES[told.story])
