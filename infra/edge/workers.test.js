// What the scripts do that run beside pages, `public/assets/*.js`: which of a page's requests they answer in the server's place. Whom the
// server lets in stands in `server/tests/cloud/permission`. A script that is not listed fails.
import assert from 'node:assert/strict';
import { readFileSync, readdirSync } from 'node:fs';
import { test } from 'node:test';
import vm from 'node:vm';

const FOLDER = new URL('../../public/assets/', import.meta.url);
const SITE = 'https://photos.example';
// What each listens to, and the requests that it answers.
const SCRIPTS = {
    'reader.js': { listens: ['message'], answers: [] },
    'share.js': { listens: ['fetch', 'install'], answers: ['POST /assets/share', 'POST /assets/share?x=1'] },
};
const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'];
const ADDRESSES = [
    '/',
    '/?shared',
    '/photos/1',
    '/photos/1/original',
    '/sign-in',
    '/stop',
    '/api/photos/timeline',
    '/api/v1/photos',
    '/media/1/1/320',
    '/pkg/shoebox.js',
    '/assets/',
    '/assets/share',
    '/assets/share?x=1',
    '/assets/share/',
    '/assets/share/more',
    '/assets/share.js',
    '/assets/reader.js',
    '/assets/Share',
    '/assets/%73hare',
    '/elsewhere/assets/share',
];

/** A script's listeners, by what they listen to. It finds nothing of the browser but its own scope, so nothing is kept anywhere. */
function listeners(name) {
    const found = {};
    const self = { addEventListener: (kind, listener) => (found[kind] = listener), skipWaiting() {} };
    vm.runInNewContext(readFileSync(new URL(name, FOLDER), 'utf8'), { self, URL });
    if (self.onmessage) found.message = self.onmessage;
    return found;
}

/** The requests that a script answers, of all methods to all addresses. */
function answered(listener) {
    const taken = [];
    for (const method of METHODS) {
        for (const address of ADDRESSES) {
            const request = { method, url: `${SITE}${address}`, formData: async () => new FormData() };
            const respondWith = (answer) => {
                taken.push(`${method} ${address}`);
                // What becomes of it, the browser's tests see: here is nowhere to keep it.
                answer.catch(() => {});
            };
            listener?.({ request, respondWith });
        }
    }
    return taken;
}

test('every script is listed', () => {
    assert.deepEqual(readdirSync(FOLDER).filter((name) => name.endsWith('.js')).sort(), Object.keys(SCRIPTS));
});

for (const [name, { listens, answers }] of Object.entries(SCRIPTS)) {
    test(`${name} answers what it is there for, and leaves the rest to the server`, () => {
        const found = listeners(name);
        assert.deepEqual(Object.keys(found).sort(), listens);
        assert.deepEqual(answered(found.fetch), answers);
    });
}
