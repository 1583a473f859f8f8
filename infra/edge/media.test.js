// Runs the function as CloudFront would, with its two modules put in: `node --test infra/edge/`.
import assert from 'node:assert/strict';
import crypto from 'node:crypto';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';

const KEYS = [{ id: '2', key: 'the key that signs today, long enough to be one' }, { id: '1', key: 'yesterday\'s key, which is still good for a while' }];
const source = readFileSync(new URL('media.js', import.meta.url), 'utf8');
const store = { kvs: () => ({ get: async (name) => (name === 'media-keys' ? JSON.stringify(KEYS) : Promise.reject(new Error('no such key'))) }) };
const handler = new Function('cf', 'crypto', `${source.replace(/^import .*$/gm, '')}\nreturn handler;`)(store, crypto);

const WHERE = '0192a-photo/rAnd_om-1/3';
const now = () => Math.floor(Date.now() / 1000);
const sign = (key, text) => crypto.createHmac('sha256', key.key).update(text).digest('base64url').slice(0, 22);
const cookie = (expiry = now() + 300, key = KEYS[0]) => `${key.id}.${expiry}.${sign(key, `cookie:${expiry}`)}`;

function request({ uri = `/media/${WHERE}/640`, expiry = now() + 3600, key = KEYS[0], formats = 'webp.jpeg', query, cookies, accept } = {}) {
    const link = query ?? { k: key.id, e: String(expiry), f: formats, s: sign(key, `link:${WHERE}:${expiry}:${formats}`) };
    const values = (object) => Object.fromEntries(Object.entries(object).map(([name, value]) => [name, { value }]));
    return {
        version: '1.0',
        context: { eventType: 'viewer-request' },
        viewer: { ip: '192.0.2.1' },
        request: {
            method: 'GET',
            uri,
            querystring: values(link),
            headers: accept ? { accept: { value: accept } } : {},
            cookies: values(cookies ?? { '__Host-media': cookie() }),
        },
    };
}

async function serves(options, uri) {
    const answer = await handler(request(options));
    assert.equal(answer.uri, uri);
    assert.deepEqual(answer.querystring, {});
}

async function refuses(options) {
    const answer = await handler(request(options));
    assert.equal(answer.statusCode, 403);
    assert.equal(answer.headers['cache-control'].value, 'no-store');
}

test('a good link and a good cookie serve WebP where it is understood', () =>
    serves({ accept: 'image/avif,image/webp,image/*;q=0.8' }, `/media/${WHERE}/640.webp`));

test('AVIF goes to who takes it, where it was made', async () => {
    const formats = 'webp.jpeg.avif';
    await serves({ formats, accept: 'image/avif,image/webp,image/*;q=0.8' }, `/media/${WHERE}/640.avif`);
    await serves({ formats, accept: 'image/webp,image/*;q=0.8' }, `/media/${WHERE}/640.webp`);
    await serves({ formats, accept: 'image/png' }, `/media/${WHERE}/640.jpg`);
});

test('who saves a file says which format, of those that were made', async () => {
    const expiry = now() + 3600;
    const formats = 'webp.jpeg';
    const query = { k: KEYS[0].id, e: String(expiry), f: formats, s: sign(KEYS[0], `link:${WHERE}:${expiry}:${formats}`) };
    const accept = 'image/avif,image/webp';
    await serves({ query: { ...query, as: 'jpeg' }, accept }, `/media/${WHERE}/640.jpg`);
    for (const as of ['avif', 'png', '__proto__', '../x']) await serves({ query: { ...query, as }, accept }, `/media/${WHERE}/640.webp`);
});

test('what moves is WebP for everybody', () =>
    serves({ uri: `/media/${WHERE}/animated`, accept: 'image/avif' }, `/media/${WHERE}/animated.webp`));

test('and JPEG elsewhere', async () => {
    await serves({ accept: 'image/png,image/*' }, `/media/${WHERE}/640.jpg`);
    await serves({}, `/media/${WHERE}/640.jpg`);
});

test('and the only format there is to everybody', async () => {
    await serves({ formats: 'jpeg', accept: 'image/webp' }, `/media/${WHERE}/640.jpg`);
    await serves({ formats: 'webp', accept: 'image/png' }, `/media/${WHERE}/640.webp`);
});

test('the server signs the same', () => {
    // server/src/photos/links.rs expects the same texts.
    const key = { key: 'a key for this test alone' };
    assert.equal(sign(key, 'link:p/r/1:172800:webp.jpeg'), 'koVC_xcoUYF1r2degMSNwA');
    assert.equal(sign(key, 'cookie:1600'), 'eItFqwhBhzrilsUPfA0Tty');
});

test('a second key is as good', () =>
    serves({ key: KEYS[1], cookies: { '__Host-media': cookie(now() + 60, KEYS[1]) } }, `/media/${WHERE}/640.jpg`));

test('an expired link is refused', () => refuses({ expiry: now() - 1 }));
test('an expired cookie is refused', () => refuses({ cookies: { '__Host-media': cookie(now() - 1) } }));
test('no cookie is refused', () => refuses({ cookies: {} }));
test('no link is refused', () => refuses({ query: {} }));
test('a cookie too far ahead is refused', async () => {
    await refuses({ cookies: { '__Host-media': cookie(now() + 700) } });
    await serves({ cookies: { '__Host-media': cookie(now() + 600) } }, `/media/${WHERE}/640.jpg`);
});

test('what was tampered with is refused', async () => {
    const expiry = now() + 3600;
    const f = 'webp.jpeg';
    const good = sign(KEYS[0], `link:${WHERE}:${expiry}:${f}`);
    const other = (good[0] === 'A' ? 'B' : 'A') + good.slice(1);
    await refuses({ query: { k: '2', e: String(expiry), f, s: other } });
    await refuses({ query: { k: '2', e: String(expiry + 1), f, s: good } });
    await refuses({ query: { k: '1', e: String(expiry), f, s: good } });
    await refuses({ query: { k: '3', e: String(expiry), f, s: good } });
    await refuses({ query: { k: '2', e: String(expiry), f, s: good.slice(1) } });
    await refuses({ query: { k: '2', e: String(expiry), f, s: '' } });
    await refuses({ query: { k: '2', e: `${expiry}.0`, f, s: good } });
    await refuses({ query: { k: '2', e: String(expiry), f: 'jpeg', s: good } });
    await refuses({ query: { k: '2', e: String(expiry), f: 'webp:1', s: good } });
    await refuses({ uri: '/media/0192a-photo/rAnd_om-1/4/640' });
    const media = cookie();
    await refuses({ cookies: { '__Host-media': media.slice(0, -1) + (media.endsWith('A') ? 'B' : 'A') } });
});

test('a signature for a link is none for a cookie', () => {
    const expiry = now() + 300;
    return refuses({ cookies: { '__Host-media': `2.${expiry}.${sign(KEYS[0], `link:${WHERE}:${expiry}`)}` } });
});

test('a path of another shape is refused', async () => {
    const shapes = [
        `//media/${WHERE}/640`, `/media//${WHERE}/640`, `/media/${WHERE}//640`, `/media/${WHERE}/640/`, `/media/${WHERE}/640.webp`,
        `/media/../${WHERE}/640`, `/media/${WHERE}/../640`, `/media/%2e%2e/${WHERE}/640`, `/media/${WHERE}/640%00`, `/media/${WHERE}/640\n`,
        `/media/${WHERE}`, '/media/', `/media/${WHERE}/x`,
    ];
    for (const uri of shapes) await refuses({ uri });
});

test('the function fits where it goes', () => assert.ok(Buffer.byteLength(source) < 10_000));
