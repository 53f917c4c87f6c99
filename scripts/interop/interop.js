// What is proved against a provider that nobody here wrote; scripts/interop/run starts it.
import assert from 'node:assert/strict';
import { setTimeout as pause } from 'node:timers/promises';

import { Browser } from './browser.js';
import { LocalProvider, USER } from './provider.js';
import { WebApp } from './webapp.js';

const SECRET = 'not-a-secret-of-anybody-but-long-enough';
const [program] = process.argv.slice(2);

let step = 'start';
let provider;
let app;

/** Begins the next step; the one before was good if the provider has refused nothing. */
function say(words) {
  assert.deepEqual(provider.faults, []);
  if (step !== 'start') console.log(`interop: ok: ${step}`);
  step = words;
}

/** A webapp with these settings, and its registration at the provider. */
async function begin(method, settings) {
  const id = `webapp-${method}-${settings.AAD_RESPONSE_MODE ?? 'query'}`;
  app = await WebApp.start(program, {
    AAD_AUTHORITY: provider.issuer,
    AAD_CLIENT_ID: id,
    AAD_CLIENT_SECRET: SECRET,
    AAD_CLIENT_AUTH: method,
    AAD_USERINFO: 'true',
    AAD_GRAPH_URL: provider.issuer,
    ...settings,
  });
  provider.register({
    client_id: id,
    client_secret: SECRET,
    token_endpoint_auth_method: method,
    grant_types: ['authorization_code', 'refresh_token'],
    redirect_uris: [`${app.url}/auth/redirect`],
    post_logout_redirect_uris: [`${app.url}/auth/post_sign_out`],
    backchannel_logout_uri: `${app.url}/auth/back_channel_sign_out`,
    backchannel_logout_session_required: true,
  });
}

/** From a deep link over the provider's pages and back; returns where the browser ends. */
async function signIn(browser, path = '/token_details') {
  let page = await browser.open(`${app.url}${path}`);
  assert.ok(page.url.href.startsWith(`${provider.issuer}/interaction/`), `at the provider's page: ${page.summary()}`);
  page = await browser.submit(page, { login: USER, password: 'any' });
  if (page.text.includes('name="prompt" value="consent"')) page = await browser.submit(page);
  return page;
}

/** Submits the forms that post a response on by themselves in a browser with scripts. */
async function postOn(browser, page) {
  let posted = 0;
  while (page.forms()[0]?.fields.code) {
    page = await browser.submit(page);
    posted += 1;
  }
  assert.equal(posted, 2, `once by the provider's page and once by our own: ${page.summary()}`);
  return page;
}

async function assertSignedIn(browser, page) {
  assert.equal(page.status, 200, page.summary());
  assert.equal(page.url.href, `${app.url}/token_details`, 'the deep link is kept');
  const me = (await browser.fetch(`${app.url}/api/me`)).json();
  assert.deepEqual([me.iss, me.sub, me.name], [provider.issuer, USER, `Name of ${USER}`]);
}

async function assertSignedOut(browser) {
  const answer = await browser.fetch(`${app.url}/api/me`);
  assert.equal(answer.status, 401, 'the session has ended here');
}

async function until(what, condition) {
  for (let tries = 0; tries < 300; tries += 1) {
    if (await condition()) return;
    await pause(100);
  }
  assert.fail(`waited 30 s in vain: ${what}`);
}

async function codeFlow(method) {
  say(`code flow, ${method}, userinfo`);
  const browser = new Browser();
  await assertSignedIn(browser, await signIn(browser));
  assert.deepEqual(provider.grants, [`authorization_code by ${method}`]);
  assert.equal(provider.userinfo, 1, 'userinfo is asked');
  return browser;
}

async function refresh(browser, method) {
  say('an access token that has run out is refreshed, and the refresh token rotates');
  const call = () => browser.open(`${app.url}/call_ms_graph`);
  const refreshes = () => provider.grants.filter((grant) => grant === `refresh_token by ${method}`).length;
  for (const count of [1, 2]) {
    await until('a refresh', async () => {
      const page = await call();
      assert.ok(page.text.includes(`Graph of ${USER}`), page.summary());
      return refreshes() >= count;
    });
  }
  const me = (await browser.fetch(`${app.url}/api/me`)).json();
  assert.equal(me.name, `Name of ${USER}`, 'userinfo completes the ID token of a refresh too');
}

async function keyRotation() {
  say('the provider changes its key, and the next sign-in succeeds at once');
  provider.rotateKeys();
  const keys = await (await fetch(`${provider.issuer}/jwks`)).json();
  assert.deepEqual(keys.keys.map(({ kid }) => kid), [provider.kid]);
  const browser = new Browser();
  await assertSignedIn(browser, await signIn(browser));
  return browser;
}

async function signOut(browser) {
  say('sign-out here and at the provider, and back');
  let page = await browser.open(`${app.url}/auth/sign_out`);
  page = await browser.submit(page, {}, '/auth/sign_out');
  await assertSignedOut(browser);
  assert.ok(page.url.href.startsWith(`${provider.issuer}/session/end`), page.summary());
  page = await browser.submit(page, { logout: 'yes' });
  assert.equal(`${page.url.origin}${page.url.pathname}`, `${app.url}/auth/post_sign_out`, page.summary());
  assert.equal(page.status, 200, page.summary());
  // The provider has forgotten the browser: it asks again.
  await assertSignedIn(browser, await signIn(browser));
}

async function formPost() {
  say('form_post, client_secret_basic: the response hops over a page of ours');
  const browser = new Browser();
  await assertSignedIn(browser, await postOn(browser, await signIn(browser)));
  return browser;
}

async function backChannel(browser) {
  say('back-channel sign-out: the provider ends the session here');
  const stays = new Browser();
  await assertSignedIn(stays, await postOn(stays, await signIn(stays)));
  const page = await browser.open(`${provider.issuer}/session/end`);
  await browser.submit(page, { logout: 'yes' });
  await assertSignedOut(browser);
  assert.equal((await stays.fetch(`${app.url}/api/me`)).status, 200, 'only the session of that sid ends');
}

async function all() {
  provider = await LocalProvider.start();
  await begin('client_secret_post', {});
  const browser = await codeFlow('client_secret_post');
  await refresh(browser, 'client_secret_post');
  await signOut(await keyRotation());
  await app.stop();

  await begin('client_secret_basic', {});
  await codeFlow('client_secret_basic');
  await app.stop();

  await begin('client_secret_basic', { AAD_RESPONSE_MODE: 'form_post' });
  await backChannel(await formPost());
  say('');
}

try {
  await all();
} catch (error) {
  for (const fault of provider?.faults ?? []) console.error(`interop: the provider reports: ${fault}`);
  if (app) console.error(app.log.join('\n').trimEnd());
  console.error(`interop: FAILED: ${step}: ${error.message}`);
  process.exitCode = 1;
} finally {
  await app?.stop();
  provider?.stop();
}
