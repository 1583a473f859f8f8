// The script that reloads a page whose files are gone, `app/src/reload_for_new_build.js`.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import vm from 'node:vm';

const source = readFileSync(new URL('../../app/src/reload_for_new_build.js', import.meta.url), 'utf8');
const SITE = 'https://photos.example';
const SCRIPT = `${SITE}/pkg/shoebox.aaaaaaaaaaaaaaaaaaaaaa.js`;

/** A page with the script. `respond` gives the status of a file, or throws; `storage` is the tab's. */
function page(respond, storage = new Map()) {
    const listeners = {};
    const found = { reloads: 0, asked: [], storage };
    vm.runInNewContext(source, {
        URL,
        location: { host: new URL(SITE).host, reload: () => (found.reloads += 1) },
        sessionStorage: { getItem: (name) => storage.get(name) ?? null, setItem: (name, value) => storage.set(name, value) },
        fetch: async (address, { method }) => {
            found.asked.push(`${method} ${address}`);
            return { status: respond(address) };
        },
        addEventListener: (kind, listener) => (listeners[kind] = listener),
    });
    found.fails = (target) => listeners.error({ target });
    found.rejects = (reason) => listeners.unhandledrejection({ reason });
    return found;
}

test('a page whose file is gone is reloaded once', async () => {
    for (const status of [403, 404]) {
        const first = page(() => status);
        await first.fails({ href: SCRIPT });
        await first.fails({ href: SCRIPT });
        assert.equal(first.reloads, 1);
        assert.equal(first.asked[0], `HEAD ${SCRIPT}`);
        const reloaded = page(() => status, first.storage);
        await reloaded.fails({ href: SCRIPT });
        assert.equal(reloaded.reloads, 0, 'the file is still missing');
        await reloaded.fails({ href: SCRIPT.replace('aaaa', 'bbbb') });
        assert.equal(reloaded.reloads, 1, 'a file of another build');
    }
});

test('a chunk that fails to load is found in the error', async () => {
    for (const message of [`Failed to fetch dynamically imported module: ${SCRIPT}`, `error loading dynamically imported module: ${SCRIPT}`]) {
        const one = page(() => 404);
        await one.rejects(new TypeError(message));
        assert.equal(one.reloads, 1);
    }
});

test('a file that exists, a server with problems or no connection reload nothing', async () => {
    const offline = () => {
        throw new TypeError('Failed to fetch');
    };
    for (const respond of [() => 200, () => 304, () => 500, () => 503, offline]) {
        const one = page(respond);
        await one.fails({ href: SCRIPT });
        assert.deepEqual([one.reloads, one.asked.length], [0, 1]);
    }
});

test('other errors reload nothing', async () => {
    const one = page(() => 404);
    const targets = [undefined, {}, { src: `${SITE}/media/p/r/1/640` }, { src: 'https://elsewhere.example/pkg/shoebox.js' }, { href: 'not an address' }];
    for (const target of targets) await one.fails(target);
    for (const reason of [undefined, 'text', new Error('https://elsewhere.example/pkg/x'), new Error('Importing a module script failed.')]) await one.rejects(reason);
    assert.deepEqual([one.reloads, one.asked], [0, []]);
});
