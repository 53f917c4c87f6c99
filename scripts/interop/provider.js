// The provider: oidc-provider as it comes, with its own pages for signing in and consent.
import { createServer } from 'node:http';
import { generateKeyPairSync, randomUUID } from 'node:crypto';
import { once } from 'node:events';

import Provider from 'oidc-provider';

export const USER = 'mira';
/** Short, so that a refresh comes within seconds. */
const ACCESS_TOKEN_SECONDS = 6;
const COOKIE_KEY = randomUUID();

/** One OpenID provider on a free loopback port; what it is can be changed while it listens. */
export class LocalProvider {
  #server = createServer((request, response) => this.#answer(request, response));
  #client;
  #keys = [signingKey()];
  #provider;
  /** The grants that were answered, such as `authorization_code by client_secret_post`. */
  grants = [];
  /** How often userinfo was asked and answered. */
  userinfo = 0;
  /** What it has refused. */
  faults = [];

  static async start() {
    const started = new LocalProvider();
    started.#server.listen(0, '127.0.0.1');
    await once(started.#server, 'listening');
    return started;
  }

  get issuer() {
    return `http://127.0.0.1:${this.#server.address().port}`;
  }

  get kid() {
    return this.#keys[0].kid;
  }

  /** Registers the one client. */
  register(client) {
    this.#client = client;
    this.grants = [];
    this.userinfo = 0;
    this.#rebuild();
  }

  /** Signs with a new key from now on; the old one is published no more. */
  rotateKeys() {
    this.#keys = [signingKey()];
    this.#rebuild();
  }

  stop() {
    this.#server.close();
    this.#server.closeAllConnections();
  }

  // Sessions, grants and tokens are in the package's memory store, which all instances share.
  #rebuild() {
    const provider = new Provider(this.issuer, configuration(this.#client, this.#keys));
    provider.on('grant.success', (ctx) => {
      const { grant_type: grant } = ctx.oidc.params;
      this.grants.push(`${grant} by ${ctx.oidc.client.clientAuthMethod}`);
    });
    provider.on('grant.error', (_, error) => this.faults.push(`token request: ${error.error_detail ?? error}`));
    provider.on('authorization.error', (_, error) => this.faults.push(`authorization: ${error}`));
    provider.on('backchannel.error', (_, error) => this.faults.push(`back-channel logout: ${error}`));
    provider.on('server_error', (_, error) => this.faults.push(error.stack));
    this.#provider = provider;
    this.#callback = provider.callback();
  }

  #callback = (_, response) => response.writeHead(503).end();

  async #answer(request, response) {
    if (request.url === '/me') response.on('finish', () => (this.userinfo += response.statusCode === 200 ? 1 : 0));
    if (request.url !== '/v1.0/me') return this.#callback(request, response);
    // An API beside it, which asks the provider itself about the token.
    const [, bearer] = /^Bearer (\S+)$/.exec(request.headers.authorization ?? '') ?? [];
    const token = bearer && (await this.#provider.AccessToken.find(bearer));
    if (!token || token.isExpired) return response.writeHead(401).end();
    response.writeHead(200, { 'content-type': 'application/json' });
    return response.end(JSON.stringify({ id: token.accountId, displayName: `Graph of ${token.accountId}` }));
  }
}

function signingKey() {
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  return { ...privateKey.export({ format: 'jwk' }), use: 'sig', alg: 'RS256', kid: randomUUID() };
}

function configuration(client, keys) {
  return {
    clients: [client],
    jwks: { keys },
    cookies: { keys: [COOKIE_KEY] },
    claims: { openid: ['sub'], profile: ['name'], email: ['email'] },
    // Name and e-mail come from userinfo only (OpenID Connect Core 5.4), as this package has it by default.
    conformIdTokenClaims: true,
    findAccount: (_, id) => ({ accountId: id, claims: () => ({ sub: id, name: `Name of ${id}`, email: `${id}@example.test` }) }),
    // Without this it gives a refresh token with prompt=consent only.
    issueRefreshToken: (_, { grantTypes = [] }) => grantTypes.includes('refresh_token'),
    rotateRefreshToken: true,
    features: { backchannelLogout: { enabled: true } },
    ttl: { AccessToken: ACCESS_TOKEN_SECONDS, AuthorizationCode: 60, Grant: 3600, IdToken: 3600, Interaction: 600, RefreshToken: 3600, Session: 3600 },
  };
}
