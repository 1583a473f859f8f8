// Runs the function as CloudFront does, with its two modules injected: `node --test infra/edge/`.
import assert from 'node:assert/strict';
import crypto from 'node:crypto';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';

const KEYS = [{ id: '2', key: 'the key that signs today, long enough to be one' }, { id: '1', key: 'yesterday\'s key, which is still good for a while' }];
const source = readFileSync(new URL('media.js', import.meta.url), 'utf8');
const store = { kvs: () => ({ get: async (name) => (name === 'media-keys' ? JSON.stringify(KEYS) : Promise.reject(new Error('no such key'))) }) };
const handler = new Function('cf', 'crypto', `${source.replace(/^import .*$/gm, '')}\nreturn handler;`)(store, crypto);

const FOLDER = '0192a-photo/rAnd_om-1/3';
const now = () => Math.floor(Date.now() / 1000);
const sign = (key, text) => crypto.createHmac('sha256', key.key).update(text).digest('base64url').slice(0, 22);
const cookie = (expiry = now() + 300, key = KEYS[0]) => `${key.id}.${expiry}.${sign(key, `cookie:${expiry}`)}`;

function request({ uri = `/media/${FOLDER}/640`, expiry = now() + 3600, key = KEYS[0], formats = 'webp.jpeg', query, cookies, accept } = {}) {
    const link = query ?? { k: key.id, e: String(expiry), f: formats, s: sign(key, `link:${FOLDER}:${expiry}:${formats}`) };
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
    const response = await handler(request(options));
    assert.equal(response.uri, uri);
    assert.deepEqual(response.querystring, {});
}

async function refuses(options) {
    const response = await handler(request(options));
    assert.equal(response.statusCode, 403);
    assert.equal(response.headers['cache-control'].value, 'no-store');
}

test('a valid link and cookie serve WebP if it is accepted', () =>
    serves({ accept: 'image/avif,image/webp,image/*;q=0.8' }, `/media/${FOLDER}/640.webp`));

test('AVIF is served if it is accepted and was rendered', async () => {
    const formats = 'webp.jpeg.avif';
    await serves({ formats, accept: 'image/avif,image/webp,image/*;q=0.8' }, `/media/${FOLDER}/640.avif`);
    await serves({ formats, accept: 'image/webp,image/*;q=0.8' }, `/media/${FOLDER}/640.webp`);
    await serves({ formats, accept: 'image/png' }, `/media/${FOLDER}/640.jpg`);
});

test('a download chooses its format among those that were rendered', async () => {
    const expiry = now() + 3600;
    const formats = 'webp.jpeg';
    const query = { k: KEYS[0].id, e: String(expiry), f: formats, s: sign(KEYS[0], `link:${FOLDER}:${expiry}:${formats}`) };
    const accept = 'image/avif,image/webp';
    await serves({ query: { ...query, as: 'jpeg' }, accept }, `/media/${FOLDER}/640.jpg`);
    for (const as of ['avif', 'png', '__proto__', '../x']) await serves({ query: { ...query, as }, accept }, `/media/${FOLDER}/640.webp`);
});

test('animations are always WebP', () =>
    serves({ uri: `/media/${FOLDER}/animated`, accept: 'image/avif' }, `/media/${FOLDER}/animated.webp`));

test('JPEG is served otherwise', async () => {
    await serves({ accept: 'image/png,image/*' }, `/media/${FOLDER}/640.jpg`);
    await serves({}, `/media/${FOLDER}/640.jpg`);
});

test('a single format is always served', async () => {
    await serves({ formats: 'jpeg', accept: 'image/webp' }, `/media/${FOLDER}/640.jpg`);
    await serves({ formats: 'webp', accept: 'image/png' }, `/media/${FOLDER}/640.webp`);
});

test('signatures match the server\'s', () => {
    // server/src/photos/links.rs has the same values.
    const key = { key: 'a key for this test alone' };
    assert.equal(sign(key, 'link:p/r/1:172800:webp.jpeg'), 'koVC_xcoUYF1r2degMSNwA');
    assert.equal(sign(key, 'cookie:1600'), 'eItFqwhBhzrilsUPfA0Tty');
});

test('a second key is valid', () =>
    serves({ key: KEYS[1], cookies: { '__Host-media': cookie(now() + 60, KEYS[1]) } }, `/media/${FOLDER}/640.jpg`));

test('an expired link is rejected', () => refuses({ expiry: now() - 1 }));
test('an expired cookie is rejected', () => refuses({ cookies: { '__Host-media': cookie(now() - 1) } }));
test('a missing cookie is rejected', () => refuses({ cookies: {} }));
test('a missing link is rejected', () => refuses({ query: {} }));
test('a cookie that expires too far in the future is rejected', async () => {
    await refuses({ cookies: { '__Host-media': cookie(now() + 700) } });
    await serves({ cookies: { '__Host-media': cookie(now() + 600) } }, `/media/${FOLDER}/640.jpg`);
});

test('tampered values are rejected', async () => {
    const expiry = now() + 3600;
    const f = 'webp.jpeg';
    const good = sign(KEYS[0], `link:${FOLDER}:${expiry}:${f}`);
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

test('a link\'s signature is not valid for a cookie', () => {
    const expiry = now() + 300;
    return refuses({ cookies: { '__Host-media': `2.${expiry}.${sign(KEYS[0], `link:${FOLDER}:${expiry}`)}` } });
});

test('invalid paths are rejected', async () => {
    const shapes = [
        `//media/${FOLDER}/640`, `/media//${FOLDER}/640`, `/media/${FOLDER}//640`, `/media/${FOLDER}/640/`, `/media/${FOLDER}/640.webp`,
        `/media/../${FOLDER}/640`, `/media/${FOLDER}/../640`, `/media/%2e%2e/${FOLDER}/640`, `/media/${FOLDER}/640%00`, `/media/${FOLDER}/640\n`,
        `/media/${FOLDER}`, '/media/', `/media/${FOLDER}/x`,
    ];
    for (const uri of shapes) await refuses({ uri });
});

test('the function is within CloudFront\'s size limit', () => assert.ok(Buffer.byteLength(source) < 10_000));
