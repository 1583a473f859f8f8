// Runs the function as CloudFront does, with its two modules injected: `node --test infra/edge/`. Where Debian's package njs is installed, the
// same requests must get the same responses in njs, the JavaScript engine of which CloudFront's is a variant.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import crypto from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, test } from 'node:test';

const KEYS = [{ id: '2', key: 'the key that signs today, long enough to be one' }, { id: '1', key: 'yesterday\'s key, which is still good for a while' }];
const source = readFileSync(new URL('media.js', import.meta.url), 'utf8');
const store = { kvs: () => ({ get: async (name) => (name === 'media-keys' ? JSON.stringify(KEYS) : Promise.reject(new Error('no such key'))) }) };
const handlerInNode = new Function('cf', 'crypto', `${source.replace(/^import .*$/gm, '')}\nreturn handler;`)(store, crypto);

// All requests so far, with their responses.
const recorded = [];
async function handler(event) {
    const sent = JSON.stringify(event);
    const response = await handlerInNode(event);
    recorded.push({ sent, received: JSON.stringify(response), at: Date.now() });
    return response;
}

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
    return response;
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

test('the link is passed on for the function that falls back to another format, whatever the visitor sent', async () => {
    const expiry = now() + 3600;
    const { querystring, ...event } = request({ expiry }).request;
    event.headers['x-shoebox-link'] = { value: 'forged' };
    const response = await handler({ ...request(), request: { ...event, querystring: { ...querystring, as: { value: 'jpeg' } } } });
    const signature = sign(KEYS[0], `link:${FOLDER}:${expiry}:webp.jpeg`);
    assert.equal(response.headers['x-shoebox-link'].value, `k=2&e=${expiry}&f=webp.jpeg&s=${signature}`);
});

test('the function is within CloudFront\'s size limit of 10 kB', () => assert.ok(Buffer.byteLength(source) <= 10_240));

function njs() {
    try {
        return execFileSync('njs', ['-v'], { encoding: 'utf8' }).trim();
    } catch {
        return null;
    }
}

// The function as a script that prints its responses to these requests, each at its time.
function script(requests) {
    return `
import crypto from 'crypto';
const cf = { kvs: () => ({ get: (name) => Promise.resolve(name === 'media-keys' ? '${JSON.stringify(KEYS).replaceAll("'", "\\'")}' : null) }) };
${source.replace(/^import .*$/gm, '')}
async function run() {
    const requests = ${JSON.stringify(requests.map(({ sent, at }) => ({ sent, at })))};
    // Without for-of, which this njs does not support.
    for (let i = 0; i < requests.length; i++) {
        const request = requests[i];
        Date.now = () => request.at;
        const response = await handler(JSON.parse(request.sent));
        console.log(JSON.stringify(response));
    }
}
run();
`;
}

test('the function responds the same in njs', { skip: !njs() && 'njs is not installed' }, () => {
    const folder = mkdtempSync(path.join(tmpdir(), 'njs-'));
    after(() => rmSync(folder, { recursive: true }));
    const file = path.join(folder, 'media.mjs');
    writeFileSync(file, script(recorded));
    const responses = execFileSync('njs', [file], { encoding: 'utf8' }).trim().split('\n');
    assert.equal(responses.length, recorded.length);
    responses.forEach((response, index) => assert.deepEqual(JSON.parse(response), JSON.parse(recorded[index].received)));
    assert.ok(responses.length > 40, 'all tests above have run');
});
