// The workers in `public/assets/*.js`: which requests of pages they respond to in place of the server, whose permissions are tested in
// `server/tests/cloud/permission`. A script that is not listed fails.
import assert from 'node:assert/strict';
import { readFileSync, readdirSync } from 'node:fs';
import { test } from 'node:test';
import vm from 'node:vm';

const FOLDER = new URL('../../public/assets/', import.meta.url);
const SITE = 'https://photos.example';
// Each script's event listeners, and the requests that it responds to.
const SCRIPTS = {
    'reader.js': { events: ['message'], responses: [] },
    'share.js': { events: ['fetch', 'install'], responses: ['POST /assets/share', 'POST /assets/share?x=1'] },
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

/** A script's event listeners. The script runs without browser storage. */
function listeners(name) {
    const found = {};
    const self = { addEventListener: (kind, listener) => (found[kind] = listener), skipWaiting() {} };
    vm.runInNewContext(readFileSync(new URL(name, FOLDER), 'utf8'), { self, URL });
    if (self.onmessage) found.message = self.onmessage;
    return found;
}

/** The requests of all methods to all addresses that a script responds to. */
function responses(listener) {
    const handled = [];
    for (const method of METHODS) {
        for (const address of ADDRESSES) {
            const request = { method, url: `${SITE}${address}`, formData: async () => new FormData() };
            const respondWith = (response) => {
                handled.push(`${method} ${address}`);
                // It fails here without browser storage; the browser tests cover it.
                response.catch(() => {});
            };
            listener?.({ request, respondWith });
        }
    }
    return handled;
}

test('every script is listed', () => {
    assert.deepEqual(readdirSync(FOLDER).filter((name) => name.endsWith('.js')).sort(), Object.keys(SCRIPTS));
});

for (const [name, expected] of Object.entries(SCRIPTS)) {
    test(`${name} responds only to its own requests`, () => {
        const found = listeners(name);
        assert.deepEqual(Object.keys(found).sort(), expected.events);
        assert.deepEqual(responses(found.fetch), expected.responses);
    });
}
