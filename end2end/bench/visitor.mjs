import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import http from 'node:http';
import path from 'node:path';
import { setTimeout } from 'node:timers/promises';

/** Timeout for a mailed code, which the DynamoDB stream triggers. */
const MAIL_TIMEOUT_MS = 60_000;

/** An HTTP client that acts like a browser on the site: it keeps cookies and sends the site's origin. */
export class Visitor {
  #cookies = new Map();

  constructor(address) {
    this.address = new URL(address);
  }

  /** Calls a server function with JSON. */
  call(name, body = {}) {
    return this.#post(name, JSON.stringify(body), 'application/json');
  }

  /** Submits a form to a server function. */
  submit(name, fields) {
    return this.#post(name, new URLSearchParams(fields).toString(), 'application/x-www-form-urlencoded');
  }

  /** Requests an upload grant. */
  grant(name, bytes) {
    const sha256 = createHash('sha256').update(bytes).digest('base64');
    return this.call('photos/grant', { wanted: { name, kind: 'image/jpeg', bytes: bytes.length, sha256 } });
  }

  async #post(name, body, contentType) {
    const { status, headers, text } = await this.#send(name, body, {
      'Content-Type': contentType,
      'Content-Length': Buffer.byteLength(body),
      Accept: 'application/json',
      Host: this.address.host,
      Origin: this.address.origin,
      Cookie: [...this.#cookies].map((pair) => pair.join('=')).join('; '),
    });
    for (const cookie of headers['set-cookie'] ?? []) {
      const [, key, value] = /^([^=]+)=([^;]*)/.exec(cookie);
      this.#cookies.set(key, value);
    }
    if (status >= 400) throw new Error(`${name}: ${status} ${text.slice(0, 300)}`);
    return /^[[{"]/.test(text) ? JSON.parse(text) : text;
  }

  #send(name, body, headers) {
    return new Promise((resolve, reject) => {
      // Only browsers resolve every *.localhost to loopback.
      const options = { host: '127.0.0.1', port: this.address.port, path: `/api/${name}`, method: 'POST', headers };
      const request = http.request(options, (response) => {
        let text = '';
        response.setEncoding('utf8');
        response.on('data', (part) => (text += part));
        response.on('end', () => resolve({ status: response.statusCode, headers: response.headers, text }));
      });
      request.on('error', reject);
      request.end(body);
    });
  }
}

/** PUTs the bytes of a grant to its presigned URL. */
export async function put(grant, bytes) {
  const response = await fetch(grant.url, { method: 'PUT', headers: Object.fromEntries(grant.headers), body: bytes });
  const text = await response.text();
  if (!response.ok) throw new Error(`PUT failed with ${response.status} ${text.slice(0, 300)}`);
}

/** Waits for the mail with a sign-up code to an address; returns the code. */
export async function mailedCode(mail, email) {
  const deadline = Date.now() + MAIL_TIMEOUT_MS;
  while (Date.now() < deadline) {
    const { messages } = await (await fetch(mail)).json();
    const theirs = Object.values(messages).flat().filter(({ To }) => [To].flat().join().includes(email));
    const message = theirs.findLast(({ Subject }) => /is your Shoebox code/.test(Subject));
    if (message) return /\b\d{6}\b/.exec(message.BodyText)[0];
    await setTimeout(50);
  }
  throw new Error(`No code was mailed to ${email} within ${MAIL_TIMEOUT_MS} ms`);
}

/** Creates the owner's account. */
export async function becomeOwner(visitor, { email, password, ownerCode, mail }) {
  await visitor.submit('accounts/sign_up', { email, owner_code: ownerCode });
  await visitor.submit('accounts/confirm', { email, code: await mailedCode(mail, email), password });
}

/** Creates an account and signs in. */
export async function join(visitor, { email, password, mail }) {
  await visitor.submit('accounts/sign_up', { email });
  await visitor.submit('accounts/confirm', { email, code: await mailedCode(mail, email), password });
  await visitor.submit('accounts/sign_in', { email, password });
}

/** Uploads photos and waits until all are ready; returns their ids. */
export async function uploadReady(visitor, files) {
  const ids = [];
  for (const file of files) {
    const bytes = readFileSync(file);
    const { photo, upload } = await visitor.grant(path.basename(file), bytes);
    await put(upload, bytes);
    await visitor.call('photos/announce', { id: photo.id });
    while ((await visitor.call('photos/photo', { id: photo.id })).state.is !== 'ready') await setTimeout(50);
    ids.push(photo.id);
  }
  return ids;
}
