// A validator that was told a portal's key once, as PEM: the header of its tokens names none.
import { importSPKI, jwtVerify } from 'jose'
import { tell, told } from './talk.mjs'

await tell(async () => {
  const key = await importSPKI(told.pem, 'RS256')
  const terms = { issuer: told.issuer, audience: told.audience, algorithms: ['RS256'] }
  const found = await jwtVerify(told.token, key, terms)
  return { claims: found.payload, header: found.protectedHeader }
})
