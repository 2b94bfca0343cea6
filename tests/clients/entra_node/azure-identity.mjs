import * as identity from '@azure/identity'
import { tell, told } from './talk.mjs'

const options = { authorityHost: told.host, disableInstanceDiscovery: true }

function credential() {
  const { tenant, client_id: clientId, secret, certificate, sendCertificateChain } = told
  const means = certificate ? { certificatePath: certificate, sendCertificateChain } : { clientSecret: secret }
  if (told.assertion) {
    const { assertion: userAssertionToken } = told
    return new identity.OnBehalfOfCredential({ tenantId: tenant, clientId, userAssertionToken, ...means, ...options })
  }
  if (told.code) {
    return new identity.AuthorizationCodeCredential(tenant, clientId, secret, told.code, told.callback, options)
  }
  return certificate
    ? new identity.ClientCertificateCredential(tenant, clientId, certificate, { sendCertificateChain, ...options })
    : new identity.ClientSecretCredential(tenant, clientId, secret, options)
}

await tell(async () => {
  const found = credential()
  const asked = told.claims ? { claims: told.claims, enableCae: true } : {}
  return [await found.getToken(told.scopes, asked), await found.getToken(told.scopes, asked)]
})
