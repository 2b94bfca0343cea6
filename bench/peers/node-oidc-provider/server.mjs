// node-oidc-provider as `python -m bench` runs it: client_credentials, three APIs, memory adapter.
//
// usage: node server.mjs PORT CLIENT_ID CLIENT_SECRET
import { generateKeyPairSync } from 'node:crypto';

import Provider from 'oidc-provider';

const [port, clientId, clientSecret] = process.argv.slice(2);
const origin = `http://127.0.0.1:${port}`;

const APIS = {
  'https://things.example/rs256': { accessTokenFormat: 'jwt', jwt: { sign: { alg: 'RS256' } } },
  'https://things.example/es256': { accessTokenFormat: 'jwt', jwt: { sign: { alg: 'ES256' } } },
  'https://things.example/opaque': { accessTokenFormat: 'opaque' },
};

function key(alg, type, options) {
  const { privateKey } = generateKeyPairSync(type, options);
  return { ...privateKey.export({ format: 'jwk' }), alg, use: 'sig', kid: alg };
}

function resourceServer(ctx, identifier) {
  const api = APIS[identifier];
  if (!api) throw new Error(`unknown API ${identifier}`);
  return { scope: 'read:things', audience: identifier, accessTokenTTL: 86400, ...api };
}

const provider = new Provider(origin, {
  clients: [{
    client_id: clientId,
    client_secret: clientSecret,
    token_endpoint_auth_method: 'client_secret_post',
    grant_types: ['client_credentials'],
    redirect_uris: [],
    response_types: [],
  }],
  scopes: ['read:things'],
  ttl: { ClientCredentials: 86400 },
  jwks: {
    keys: [
      key('RS256', 'rsa', { modulusLength: 2048 }),
      key('ES256', 'ec', { namedCurve: 'P-256' }),
    ],
  },
  routes: { token: '/oauth/token', jwks: '/.well-known/jwks.json' },
  features: {
    devInteractions: { enabled: false },
    clientCredentials: { enabled: true },
    resourceIndicators: {
      enabled: true,
      useGrantedResource: () => true,
      getResourceServerInfo: resourceServer,
    },
  },
});

const server = provider.listen(Number(port), '127.0.0.1');
process.once('SIGTERM', () => server.close(() => process.exit(0)));
