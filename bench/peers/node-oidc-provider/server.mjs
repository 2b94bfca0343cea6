// node-oidc-provider as `python -m bench` runs it: client_credentials for three APIs, people who sign in
// without a page, refresh tokens that rotate, memory adapter.
//
// usage: node server.mjs PORT CLIENT_ID CLIENT_SECRET REDIRECT_URI
import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { createServer } from 'node:http';

import Provider from 'oidc-provider';

const [port, clientId, clientSecret, redirectUri] = process.argv.slice(2);
const origin = `http://127.0.0.1:${port}`;

const APIS = {
  'https://things.example/rs256': { accessTokenFormat: 'jwt', jwt: { sign: { alg: 'RS256' } } },
  'https://things.example/es256': { accessTokenFormat: 'jwt', jwt: { sign: { alg: 'ES256' } } },
  'https://things.example/opaque': { accessTokenFormat: 'opaque' },
};

const INTERACTION = '/interaction/';

function key(alg, type, options) {
  const { privateKey } = generateKeyPairSync(type, options);
  return { ...privateKey.export({ format: 'jwk' }), alg, use: 'sig', kid: alg };
}

function resourceServer(ctx, identifier) {
  const api = APIS[identifier];
  if (!api) throw new Error(`unknown API ${identifier}`);
  return { scope: 'read:things', audience: identifier, accessTokenTTL: 86400, ...api };
}

// Everybody exists: an account is its address.
function account(ctx, id) {
  return { accountId: id, claims: () => ({ sub: id, name: id, email: id, email_verified: true }) };
}

const provider = new Provider(origin, {
  clients: [{
    client_id: clientId,
    client_secret: clientSecret,
    token_endpoint_auth_method: 'client_secret_post',
    grant_types: ['client_credentials', 'authorization_code', 'refresh_token'],
    redirect_uris: [redirectUri],
    response_types: ['code'],
  }],
  scopes: ['openid', 'offline_access', 'read:things'],
  claims: { openid: ['sub'], profile: ['name'], email: ['email', 'email_verified'] },
  cookies: { keys: [randomBytes(32).toString('base64url')] },
  findAccount: account,
  interactions: { url: (ctx, interaction) => `${INTERACTION}${interaction.uid}` },
  rotateRefreshToken: true,
  ttl: { ClientCredentials: 86400 },
  jwks: {
    keys: [
      key('RS256', 'rsa', { modulusLength: 2048 }),
      key('ES256', 'ec', { namedCurve: 'P-256' }),
    ],
  },
  routes: {
    authorization: '/authorize',
    token: '/oauth/token',
    userinfo: '/userinfo',
    jwks: '/.well-known/jwks.json',
  },
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

// Who is meant by login_hint is signed in and agrees, once for each browser.
async function signIn(request, response) {
  const { params } = await provider.interactionDetails(request, response);
  const grant = new provider.Grant({ accountId: params.login_hint, clientId });
  grant.addOIDCScope(params.scope);
  const result = { login: { accountId: params.login_hint }, consent: { grantId: await grant.save() } };
  await provider.interactionFinished(request, response, result);
}

const answer = provider.callback();
const server = createServer((request, response) => {
  if (!request.url.startsWith(INTERACTION)) return answer(request, response);
  return signIn(request, response).catch((wrong) => {
    console.error(wrong);
    response.writeHead(500).end();
  });
});
server.listen(Number(port), '127.0.0.1');
process.once('SIGTERM', () => server.close(() => process.exit(0)));
