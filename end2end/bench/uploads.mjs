// What the queue of uploads costs beside what a browser does without it, and whether it loses anything.
//
//     node uploads.mjs FOLDER_OF_PHOTOS FOLDER_FOR_FIGURES

import { execFile } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Memory, bring, openBrowser, openTimeline } from './browser.mjs';
import { percentile, report, rounded, spread } from './figures.mjs';
import { Visitor, becomeOwner } from './visitor.mjs';

const MIB = 2 ** 20;
const ROUNDS = 7;
const BATCH = { count: 24, bytes: 4 * MIB };
const MANY = { count: 300, bytes: 8 * MIB };
/** As many as the queue sends at once. */
const AT_ONCE = 3;
const PATIENCE_MS = 1_200_000;

const [photos, figures] = process.argv.slice(2);
const { SHOEBOX_ADDRESS: address, SHOEBOX_OWNER_CODE: ownerCode, SHOEBOX_MAIL: mail } = process.env;
const person = { email: 'uploads@shoebox.test', password: 'five hundred photos and a laptop' };
const folder = mkdtempSync(path.join(tmpdir(), 'shoebox-bench-'));
let made = 0;

/** A photo in bytes that no library has, at least so many: what lies behind a JPEG's end belongs to no picture. */
function another(photo, bytes = 0) {
  const picture = readFileSync(photo);
  const file = path.join(folder, `${made++}-${path.basename(photo)}`);
  writeFileSync(file, Buffer.concat([picture, randomBytes(Math.max(16, bytes - picture.length))]));
  return file;
}

function many({ count, bytes }) {
  return Array.from({ length: count }, () => another(path.join(folder, 'small.jpg'), bytes));
}

/** A picture that takes next to no time to develop: what is measured is the way there. */
async function makeSmallPicture(page) {
  const drawn = await page.evaluate(() => {
    const canvas = Object.assign(document.createElement('canvas'), { width: 64, height: 48 });
    canvas.getContext('2d').fillRect(8, 8, 32, 24);
    return canvas.toDataURL('image/jpeg').split(',')[1];
  });
  writeFileSync(path.join(folder, 'small.jpg'), Buffer.from(drawn, 'base64'));
}

/** Milliseconds from dropping the page's files until something can be seen: `seen` is asked in the page, with `argument`. */
function dropped(page, seen, argument) {
  return page.evaluate(
    ([seen, argument]) => {
      const isSeen = eval(seen);
      const transfer = new DataTransfer();
      for (const file of window.files) transfer.items.add(file);
      const before = new Set(document.querySelectorAll('li.tile'));
      return new Promise((done) => {
        const began = performance.now();
        document.querySelector('.table').dispatchEvent(new DragEvent('drop', { dataTransfer: transfer, bubbles: true }));
        const look = () => (isSeen(argument, before) ? done(performance.now() - began) : requestAnimationFrame(look));
        look();
      });
    },
    [String(seen), argument],
  );
}

/** Whether a new tile shows a picture. */
const preview = (_, before) =>
  [...document.querySelectorAll('li.tile')].some((tile) => {
    const picture = !before.has(tile) && tile.querySelector('img.below');
    return picture && picture.complete && picture.naturalWidth > 0;
  });

function panel(page) {
  return page.getByRole('region', { name: 'Uploads' });
}

/** What the panel said of earlier files is read. */
async function closePanel(page) {
  if (!(await panel(page).isVisible())) return;
  await panel(page).getByRole('button', { name: 'Close' }).click();
  await panel(page).waitFor({ state: 'hidden' });
}

/** Whether the panel says that all are there. */
const arrival = (count) => document.querySelector('.uploads .fold').textContent === `${count} photos uploaded`;

/** The least that showing a picture takes: the browser decodes the file into an image. */
function plainlyShown(page) {
  return page.evaluate(async () => {
    const began = performance.now();
    const picture = new Image();
    picture.src = URL.createObjectURL(window.files[0]);
    await picture.decode();
    return performance.now() - began;
  });
}

/** Waits until nothing is under way, neither here nor in the functions. */
async function quiet(page) {
  await page.waitForFunction(() => !document.querySelector('li.tile:is([data-state="expected"], [data-state="received"], [data-state="developing"])'), {
    timeout: PATIENCE_MS,
  });
}

async function previews(page) {
  const [ours, plain] = [[], []];
  for (let round = 0; round <= ROUNDS; round++) {
    await bring(page, [another(path.join(photos, 'dandelions.jpg'))]);
    const times = [await plainlyShown(page), await dropped(page, preview)];
    await quiet(page);
    // The first round starts the worker and the functions.
    if (round) [plain, ours].forEach((all, at) => all.push(times[at]));
  }
  return {
    ...spread('drop_to_first_preview', ours),
    first_preview_over_plain_decoding: rounded(percentile(ours, 0.5) / percentile(plain, 0.5)),
  };
}

/** MB/s of the worker that the site uses, of SubtleCrypto on the page, and of WASM. */
async function hashing(page) {
  const wasm = path.resolve(import.meta.dirname, '../node_modules/hash-wasm/dist/sha256.umd.min.js');
  await page.addScriptTag({ path: wasm });
  await bring(page, many({ count: 16, bytes: 8 * MIB }));
  const speeds = await page.evaluate(async (rounds) => {
    const worker = new Worker('/assets/reader.js', { type: 'module' });
    const waiting = new Map();
    worker.onmessage = ({ data }) => waiting.get(data.id)(data);
    const ways = {
      worker: (blob, id) => new Promise((done) => (waiting.set(id, done), worker.postMessage({ id, blob, preview: false }))),
      subtle: async (blob) => crypto.subtle.digest('SHA-256', await blob.arrayBuffer()),
      wasm: async (blob) => hashwasm.sha256(new Uint8Array(await blob.arrayBuffer())),
    };
    const bytes = window.files.reduce((sum, file) => sum + file.size, 0);
    const speeds = Object.fromEntries(Object.keys(ways).map((way) => [way, []]));
    for (let round = 0; round <= rounds; round++) {
      for (const [way, hash] of Object.entries(ways)) {
        const began = performance.now();
        for (const [at, file] of window.files.entries()) await hash(file, at);
        if (round) speeds[way].push(bytes / 1000 / (performance.now() - began));
      }
    }
    worker.terminate();
    return speeds;
  }, ROUNDS);
  const [worker, subtle, inWasm] = ['worker', 'subtle', 'wasm'].map((way) => percentile(speeds[way], 0.5));
  return {
    hashing_mb_per_s: rounded(worker),
    subtle_crypto_mb_per_s: rounded(subtle),
    wasm_mb_per_s: rounded(inWasm),
    hashing_over_subtle_crypto: rounded(worker / subtle),
    wasm_over_subtle_crypto: rounded(inWasm / subtle),
  };
}

/** Milliseconds that the same takes with `fetch` alone, for permissions that are there already. */
async function fetched(page, visitor, paths) {
  await bring(page, paths);
  const ways = [];
  for (const file of paths) {
    const { upload } = await visitor.grant(path.basename(file), readFileSync(file));
    ways.push(upload);
  }
  return page.evaluate(async ([ways, atOnce]) => {
    const began = performance.now();
    const left = window.files.map((file, at) => [file, ways[at]]);
    const send = async () => {
      for (let next = left.shift(); next; next = left.shift()) {
        const [file, { url, headers }] = next;
        const answer = await fetch(url, { method: 'PUT', headers: Object.fromEntries(headers), body: file });
        if (!answer.ok) throw new Error(`The store says ${answer.status}`);
      }
    };
    await Promise.all(Array.from({ length: atOnce }, send));
    return performance.now() - began;
  }, [ways, AT_ONCE]);
}

async function overhead(page, visitor) {
  const [ours, plain] = [[], []];
  for (let round = 0; round < 3; round++) {
    plain.push(await fetched(page, visitor, many(BATCH)));
    await quiet(page);
    await closePanel(page);
    await bring(page, many(BATCH));
    ours.push(await dropped(page, arrival, BATCH.count));
    await quiet(page);
  }
  return {
    [`queue_of_${BATCH.count}_ms`]: rounded(percentile(ours, 0.5)),
    [`fetch_of_${BATCH.count}_ms`]: rounded(percentile(plain, 0.5)),
    queue_over_fetch: rounded(percentile(ours, 0.5) / percentile(plain, 0.5)),
  };
}

/** Peak memory of the whole browser while it sends files, in bytes. */
async function memoryOf({ count, bytes }) {
  const paths = many({ count, bytes });
  const context = await openBrowser(address, mkdtempSync(path.join(folder, 'profile-')));
  try {
    const page = await openTimeline(context, person);
    const memory = new Memory();
    await page.locator('#files').setInputFiles(paths);
    const words = count === 1 ? 'One photo uploaded' : `${count} photos uploaded`;
    await panel(page).getByText(words, { exact: true }).waitFor({ timeout: PATIENCE_MS });
    return memory.peak();
  } finally {
    await context.close();
  }
}

async function peaks() {
  const one = await memoryOf({ ...MANY, count: 1 });
  const all = await memoryOf(MANY);
  return {
    [`peak_memory_with_${MANY.count}_mb`]: rounded(all / 1e6),
    peak_memory_with_1_mb: rounded(one / 1e6),
    [`peak_memory_${MANY.count}_over_1`]: rounded(all / one),
    [`memory_added_over_bytes_of_${MANY.count}`]: rounded(Math.max(all - one, 0) / (MANY.count * MANY.bytes)),
  };
}

/** Photos that were chosen in the tests of faults and did not arrive whole, once and ready. */
function lost() {
  const command = ['playwright', 'test', 'faults.spec.ts', 'crowd.spec.ts', '--reporter=json', '--workers=1'];
  const environment = { ...process.env, SHOEBOX_EMAIL: person.email, SHOEBOX_PASSWORD: person.password, SHOEBOX_CROWD: MANY.count };
  const options = { cwd: path.resolve(import.meta.dirname, '..'), env: environment, maxBuffer: 2 ** 28 };
  return new Promise((resolve, reject) => {
    // Where a test fails the command does, too; what it says is read all the same.
    execFile('npx', command, options, (error, said) => {
      try {
        resolve(counted(JSON.parse(said.slice(said.indexOf('{')))));
      } catch {
        reject(error ?? new Error('The tests of faults said nothing'));
      }
    });
  });
}

function counted(told) {
  const specs = (suite) => [...(suite.specs ?? []), ...(suite.suites ?? []).flatMap(specs)];
  const tests = told.suites.flatMap(specs).flatMap((spec) => spec.tests);
  const notes = tests.flatMap((test) => test.annotations);
  const sum = (type) => notes.filter((note) => note.type === type).reduce((sum, note) => sum + Number(note.description), 0);
  const failed = tests.filter((test) => test.status !== 'expected').length;
  return { faults_played: tests.length, faults_failed: failed, photos_through_faults: sum('chosen'), lost_photos: sum('chosen') - sum('arrived') };
}

const visitor = new Visitor(address);
await becomeOwner(visitor, { ...person, ownerCode, mail });
await visitor.submit('accounts/sign_in', person);
const context = await openBrowser(address, mkdtempSync(path.join(folder, 'profile-')));
try {
  const page = await openTimeline(context, person);
  await makeSmallPicture(page);
  const measured = {
    ...(await previews(page)),
    ...(await hashing(page)),
    ...(await overhead(page, visitor)),
  };
  await context.close();
  report(figures, 'uploads', { ...measured, ...(await peaks()), ...(await lost()) });
} finally {
  await context.close();
  rmSync(folder, { recursive: true });
}
