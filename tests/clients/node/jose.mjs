import { createRemoteJWKSet, jwtVerify } from 'jose'
import { tell, told } from './talk.mjs'

await tell(async () => {
  const keys = createRemoteJWKSet(new URL(told.jwks_uri))
  const found = await jwtVerify(told.token, keys, { issuer: told.issuer, audience: told.audience, typ: told.type })
  return { claims: found.payload, header: found.protectedHeader }
})
