// A browser's habits as far as sign-in needs them: cookies by host and by SameSite, the Sec-Fetch
// headers of navigations, redirects step by step, forms that are filled in.
import { request } from 'node:http';

const MAX_STEPS = 20;

export class Browser {
  /** Host name -> (cookie name -> value). Ports share cookies, as in real browsers. */
  #jar = new Map();

  /** Opens an address as from the address bar and follows redirects. */
  async open(url) {
    return this.#navigate('GET', new URL(url), undefined, undefined);
  }

  /** Submits the only form of `page` (or the one whose action holds `to`), with some fields filled in. */
  async submit(page, fill = {}, to = '') {
    const form = page.forms().find(({ action }) => action.includes(to));
    if (!form) throw new Error(`no form at ${page.url.origin}${page.url.pathname}: ${page.summary()}`);
    const fields = new URLSearchParams({ ...form.fields, ...fill });
    return this.#navigate('POST', new URL(form.action, page.url), fields, page.url);
  }

  /** Asks as a script of the page would. */
  async fetch(url) {
    return this.#send('GET', new URL(url), undefined, { 'sec-fetch-site': 'same-origin', 'sec-fetch-mode': 'cors', 'sec-fetch-dest': 'empty', accept: 'application/json' }, true);
  }

  async #navigate(method, url, body, from) {
    let same = !from || from.hostname === url.hostname;
    for (let step = 0; step < MAX_STEPS; step += 1) {
      const site = from ? (same ? 'same-origin' : 'cross-site') : 'none';
      const headers = { 'sec-fetch-site': site, 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'document', accept: 'text/html' };
      if (body) headers.origin = from.origin;
      const page = await this.#send(method, url, body, headers, same || method === 'GET');
      const onward = [301, 302, 303, 307].includes(page.status) ? page.headers.location : page.refresh();
      if (!onward) return page;
      const next = new URL(onward, url);
      same &&= next.hostname === url.hostname;
      if (page.status !== 307) [method, body] = ['GET', undefined];
      url = next;
    }
    throw new Error(`redirects without end at ${url.origin}${url.pathname}`);
  }

  /** `lax` says whether cookies that are SameSite=Lax go along; nobody here sets others. */
  async #send(method, url, body, headers, lax) {
    const jar = this.#jar.get(url.hostname) ?? new Map();
    this.#jar.set(url.hostname, jar);
    const sent = lax ? [...jar].map(([name, { value, path }]) => (url.pathname.startsWith(path) ? `${name}=${value}` : '')) : [];
    const cookie = sent.filter(Boolean).join('; ');
    const page = await send(method, url, { ...headers, ...(cookie && { cookie }) }, body);
    for (const line of page.headers['set-cookie'] ?? []) this.#keep(jar, line);
    return page;
  }

  #keep(jar, line) {
    const [pair, ...attributes] = line.split(';').map((part) => part.trim());
    const [name, value] = [pair.slice(0, pair.indexOf('=')), pair.slice(pair.indexOf('=') + 1)];
    const attribute = (wanted) => attributes.map((text) => text.split('=')).find(([key]) => key.toLowerCase() === wanted)?.[1];
    const gone = attribute('max-age') === '0' || new Date(attribute('expires') ?? NaN) < new Date();
    if (gone) jar.delete(name);
    else jar.set(name, { value, path: attribute('path') ?? '/' });
  }
}

/** Not by `fetch`, which sends Sec-Fetch headers of its own. */
function send(method, url, headers, form) {
  const body = form?.toString();
  const kind = body && { 'content-type': 'application/x-www-form-urlencoded', 'content-length': Buffer.byteLength(body) };
  return new Promise((resolve, reject) => {
    const sent = request(url, { method, headers: { ...headers, ...kind } }, async (response) => {
      const text = (await response.setEncoding('utf8').toArray()).join('');
      resolve(new Page(url, response, text));
    });
    sent.on('error', reject).end(body);
  });
}

class Page {
  constructor(url, response, text) {
    Object.assign(this, { url, status: response.statusCode, headers: response.headers, text });
  }

  json() {
    return JSON.parse(this.text);
  }

  forms() {
    return [...this.text.matchAll(/<form\b([^>]*)>(.*?)<\/form>/gs)].map(([, head, inner]) => ({
      action: attribute(head, 'action'),
      fields: Object.fromEntries([...inner.matchAll(/<input\b([^>]*)>/g)].map(([, input]) => [attribute(input, 'name'), attribute(input, 'value')])),
    }));
  }

  /** Where the page goes on to by itself. */
  refresh() {
    const [tag] = /<meta http-equiv="refresh"[^>]*>/.exec(this.text) ?? [];
    return tag && attribute(tag, 'content').replace(/^0; url=/, '');
  }

  /** For messages: the title and heading. */
  summary() {
    const words = [...this.text.matchAll(/<(title|h1|code)[^>]*>(.*?)<\//gs)].map(([, , text]) => text.trim());
    return `${this.status} ${words.join(' | ')}`;
  }
}

function attribute(text, name) {
  const [, value = ''] = new RegExp(`\\b${name}="([^"]*)"`).exec(text) ?? [];
  return value.replace(/&(?:quot|#34|#x22);/g, '"').replace(/&(?:#39|#x27);/g, "'").replace(/&lt;/g, '<').replace(/&gt;/g, '>').replace(/&amp;/g, '&');
}
