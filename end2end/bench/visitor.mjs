import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import http from 'node:http';
import path from 'node:path';
import { setTimeout } from 'node:timers/promises';

/** How long a code may take: it is mailed by the table's stream. */
const MAIL_MS = 60_000;

/** A browser's part at the local cloud's front door: cookies, and the site's address as the origin. */
export class Visitor {
  #cookies = new Map();

  constructor(address) {
    this.address = new URL(address);
  }

  /** Calls a server function with JSON. */
  ask(name, question = {}) {
    return this.#post(name, JSON.stringify(question), 'application/json');
  }

  /** Sends a form to a server function. */
  submit(name, fields) {
    return this.#post(name, new URLSearchParams(fields).toString(), 'application/x-www-form-urlencoded');
  }

  /** Asks for permission to upload. */
  grant(name, bytes) {
    const sha256 = createHash('sha256').update(bytes).digest('base64');
    return this.ask('photos/grant', { wanted: { name, kind: 'image/jpeg', bytes: bytes.length, sha256 } });
  }

  async #post(name, body, kind) {
    const { status, headers, text } = await this.#send(name, body, {
      'Content-Type': kind,
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
      // Only browsers know that every *.localhost is this machine.
      const options = { host: '127.0.0.1', port: this.address.port, path: `/api/${name}`, method: 'POST', headers };
      const request = http.request(options, (answer) => {
        let text = '';
        answer.setEncoding('utf8');
        answer.on('data', (part) => (text += part));
        answer.on('end', () => resolve({ status: answer.statusCode, headers: answer.headers, text }));
      });
      request.on('error', reject);
      request.end(body);
    });
  }
}

/** PUTs the bytes of a grant; resolves once the store has them. */
export async function put(grant, bytes) {
  const answer = await fetch(grant.url, { method: 'PUT', headers: Object.fromEntries(grant.headers), body: bytes });
  const text = await answer.text();
  if (!answer.ok) throw new Error(`The store says ${answer.status} ${text.slice(0, 300)}`);
}

/** The code for a new account that was mailed to an address, once it has come. */
export async function mailedCode(mail, email) {
  const deadline = Date.now() + MAIL_MS;
  while (Date.now() < deadline) {
    const { messages } = await (await fetch(mail)).json();
    const theirs = Object.values(messages).flat().filter(({ To }) => [To].flat().join().includes(email));
    const letter = theirs.findLast(({ Subject }) => /is your Shoebox code/.test(Subject));
    if (letter) return /\b\d{6}\b/.exec(letter.BodyText)[0];
    await setTimeout(50);
  }
  throw new Error(`No code was mailed to ${email} within ${MAIL_MS} ms`);
}

/** Makes the account that owns the site. */
export async function becomeOwner(visitor, { email, password, ownerCode, mail }) {
  await visitor.submit('accounts/sign_up', { email, owner_code: ownerCode });
  await visitor.submit('accounts/confirm', { email, code: await mailedCode(mail, email), password });
}

/** Makes an account like any other, and signs in. */
export async function join(visitor, { email, password, mail }) {
  await visitor.submit('accounts/sign_up', { email });
  await visitor.submit('accounts/confirm', { email, code: await mailedCode(mail, email), password });
  await visitor.submit('accounts/sign_in', { email, password });
}

/** Uploads photos; resolves with their identifiers once all can be looked at. */
export async function uploadReady(visitor, files) {
  const made = [];
  for (const file of files) {
    const bytes = readFileSync(file);
    const { photo, upload } = await visitor.grant(path.basename(file), bytes);
    await put(upload, bytes);
    await visitor.ask('photos/announce', { id: photo.id });
    while ((await visitor.ask('photos/photo', { id: photo.id })).state.is !== 'ready') await setTimeout(50);
    made.push(photo.id);
  }
  return made;
}
