// Overhead of the upload queue compared with plain browser APIs, and uploads lost to injected faults.
//
//     node uploads.mjs FOLDER_OF_PHOTOS FOLDER_FOR_FIGURES

import { execFile } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Memory, loadFiles, openBrowser, openTimeline } from './browser.mjs';
import { percentile, report, rounded, spread } from './figures.mjs';
import { Visitor, becomeOwner } from './visitor.mjs';

const MIB = 2 ** 20;
const ROUNDS = 7;
const BATCH = { count: 24, bytes: 4 * MIB };
const MANY = { count: 300, bytes: 8 * MIB };
/** Concurrent uploads of the queue. */
const CONCURRENCY = 3;
const TIMEOUT_MS = 1_200_000;

const [photos, figures] = process.argv.slice(2);
const { SHOEBOX_ADDRESS: address, SHOEBOX_OWNER_CODE: ownerCode, SHOEBOX_MAIL: mail } = process.env;
const person = { email: 'uploads@shoebox.test', password: 'five hundred photos and a laptop' };
const folder = mkdtempSync(path.join(tmpdir(), 'shoebox-bench-'));
let fileCount = 0;

/** Writes a copy with unique bytes and at least this size: decoders ignore bytes after the end of a JPEG. */
function uniqueFile(photo, bytes = 0) {
  const picture = readFileSync(photo);
  const file = path.join(folder, `${fileCount++}-${path.basename(photo)}`);
  writeFileSync(file, Buffer.concat([picture, randomBytes(Math.max(16, bytes - picture.length))]));
  return file;
}

function smallFiles({ count, bytes }) {
  return Array.from({ length: count }, () => uniqueFile(path.join(folder, 'small.jpg'), bytes));
}

/** Writes a picture that is processed in almost no time, so that only the upload is measured. */
async function makeSmallPicture(page) {
  const drawn = await page.evaluate(() => {
    const canvas = Object.assign(document.createElement('canvas'), { width: 64, height: 48 });
    canvas.getContext('2d').fillRect(8, 8, 32, 24);
    return canvas.toDataURL('image/jpeg').split(',')[1];
  });
  writeFileSync(path.join(folder, 'small.jpg'), Buffer.from(drawn, 'base64'));
}

/** Milliseconds from dropping `window.files` until `condition`, evaluated in the page with `argument`, holds. */
function timeDrop(page, condition, argument) {
  return page.evaluate(
    ([condition, argument]) => {
      const holds = eval(condition);
      const transfer = new DataTransfer();
      for (const file of window.files) transfer.items.add(file);
      const before = new Set(document.querySelectorAll('li.tile'));
      return new Promise((done) => {
        const began = performance.now();
        document.querySelector('.table').dispatchEvent(new DragEvent('drop', { dataTransfer: transfer, bubbles: true }));
        const check = () => (holds(argument, before) ? done(performance.now() - began) : requestAnimationFrame(check));
        check();
      });
    },
    [String(condition), argument],
  );
}

/** In the page: whether a new tile shows a picture. */
const previewShown = (_, before) =>
  [...document.querySelectorAll('li.tile')].some((tile) => {
    const picture = !before.has(tile) && tile.querySelector('img.below');
    return picture && picture.complete && picture.naturalWidth > 0;
  });

function panel(page) {
  return page.getByRole('region', { name: 'Uploads' });
}

/** Clears the panel of earlier uploads. */
async function closePanel(page) {
  if (!(await panel(page).isVisible())) return;
  await panel(page).getByRole('button', { name: 'Close' }).click();
  await panel(page).waitFor({ state: 'hidden' });
}

/** In the page: whether the panel reports all files as uploaded. */
const allUploaded = (count) => document.querySelector('.uploads .fold').textContent === `${count} photos uploaded`;

/** Milliseconds that the browser needs to decode the file: the lower bound for a preview. */
function timeDecoding(page) {
  return page.evaluate(async () => {
    const began = performance.now();
    const picture = new Image();
    picture.src = URL.createObjectURL(window.files[0]);
    await picture.decode();
    return performance.now() - began;
  });
}

/** Waits until all uploads are processed. */
async function waitUntilProcessed(page) {
  await page.waitForFunction(() => !document.querySelector('li.tile:is([data-state="expected"], [data-state="received"], [data-state="developing"])'), {
    timeout: TIMEOUT_MS,
  });
}

async function measurePreviews(page) {
  const [ours, plain] = [[], []];
  for (let round = 0; round <= ROUNDS; round++) {
    await loadFiles(page, [uniqueFile(path.join(photos, 'dandelions.jpg'))]);
    const times = [await timeDecoding(page), await timeDrop(page, previewShown)];
    await waitUntilProcessed(page);
    // The first round includes the start of the worker and cold starts.
    if (round) [plain, ours].forEach((all, at) => all.push(times[at]));
  }
  return {
    ...spread('drop_to_first_preview', ours),
    first_preview_over_plain_decoding: rounded(percentile(ours, 0.5) / percentile(plain, 0.5)),
  };
}

/** SHA-256 in MB/s of the site's worker, of SubtleCrypto on the page, and of WebAssembly. */
async function measureHashing(page) {
  const wasm = path.resolve(import.meta.dirname, '../node_modules/hash-wasm/dist/sha256.umd.min.js');
  await page.addScriptTag({ path: wasm });
  await loadFiles(page, smallFiles({ count: 16, bytes: 8 * MIB }));
  const speeds = await page.evaluate(async (rounds) => {
    const worker = new Worker('/assets/reader.js', { type: 'module' });
    const pending = new Map();
    worker.onmessage = ({ data }) => pending.get(data.id)(data);
    const methods = {
      worker: (blob, id) => new Promise((done) => (pending.set(id, done), worker.postMessage({ id, blob, preview: false }))),
      subtle: async (blob) => crypto.subtle.digest('SHA-256', await blob.arrayBuffer()),
      wasm: async (blob) => hashwasm.sha256(new Uint8Array(await blob.arrayBuffer())),
    };
    const bytes = window.files.reduce((sum, file) => sum + file.size, 0);
    const speeds = Object.fromEntries(Object.keys(methods).map((method) => [method, []]));
    for (let round = 0; round <= rounds; round++) {
      for (const [method, hash] of Object.entries(methods)) {
        const began = performance.now();
        for (const [at, file] of window.files.entries()) await hash(file, at);
        if (round) speeds[method].push(bytes / 1000 / (performance.now() - began));
      }
    }
    worker.terminate();
    return speeds;
  }, ROUNDS);
  const [worker, subtle, inWasm] = ['worker', 'subtle', 'wasm'].map((method) => percentile(speeds[method], 0.5));
  return {
    hashing_mb_per_s: rounded(worker),
    subtle_crypto_mb_per_s: rounded(subtle),
    wasm_mb_per_s: rounded(inWasm),
    hashing_over_subtle_crypto: rounded(worker / subtle),
    wasm_over_subtle_crypto: rounded(inWasm / subtle),
  };
}

/** Milliseconds of the same uploads with plain `fetch` and existing grants. */
async function timeFetch(page, visitor, paths) {
  await loadFiles(page, paths);
  const grants = [];
  for (const file of paths) {
    const { upload } = await visitor.grant(path.basename(file), readFileSync(file));
    grants.push(upload);
  }
  return page.evaluate(async ([grants, concurrency]) => {
    const began = performance.now();
    const left = window.files.map((file, at) => [file, grants[at]]);
    const send = async () => {
      for (let next = left.shift(); next; next = left.shift()) {
        const [file, { url, headers }] = next;
        const response = await fetch(url, { method: 'PUT', headers: Object.fromEntries(headers), body: file });
        if (!response.ok) throw new Error(`PUT failed with ${response.status}`);
      }
    };
    await Promise.all(Array.from({ length: concurrency }, send));
    return performance.now() - began;
  }, [grants, CONCURRENCY]);
}

async function measureOverhead(page, visitor) {
  const [ours, plain] = [[], []];
  for (let round = 0; round < 3; round++) {
    plain.push(await timeFetch(page, visitor, smallFiles(BATCH)));
    await waitUntilProcessed(page);
    await closePanel(page);
    await loadFiles(page, smallFiles(BATCH));
    ours.push(await timeDrop(page, allUploaded, BATCH.count));
    await waitUntilProcessed(page);
  }
  return {
    [`queue_of_${BATCH.count}_ms`]: rounded(percentile(ours, 0.5)),
    [`fetch_of_${BATCH.count}_ms`]: rounded(percentile(plain, 0.5)),
    queue_over_fetch: rounded(percentile(ours, 0.5) / percentile(plain, 0.5)),
  };
}

/** Peak memory of the browser while it uploads files, in bytes. */
async function peakMemory({ count, bytes }) {
  const paths = smallFiles({ count, bytes });
  const context = await openBrowser(address, mkdtempSync(path.join(folder, 'profile-')));
  try {
    const page = await openTimeline(context, person);
    const memory = new Memory();
    await page.locator('#files').setInputFiles(paths);
    const text = count === 1 ? 'One photo uploaded' : `${count} photos uploaded`;
    await panel(page).getByText(text, { exact: true }).waitFor({ timeout: TIMEOUT_MS });
    return memory.peak();
  } finally {
    await context.close();
  }
}

async function measureMemory() {
  const one = await peakMemory({ ...MANY, count: 1 });
  const all = await peakMemory(MANY);
  return {
    [`peak_memory_with_${MANY.count}_mb`]: rounded(all / 1e6),
    peak_memory_with_1_mb: rounded(one / 1e6),
    [`peak_memory_${MANY.count}_over_1`]: rounded(all / one),
    [`memory_added_over_bytes_of_${MANY.count}`]: rounded(Math.max(all - one, 0) / (MANY.count * MANY.bytes)),
  };
}

/** Runs the tests that inject faults; counts photos that were chosen and not uploaded exactly once. */
function countLost() {
  const command = ['playwright', 'test', 'faults.spec.ts', 'many-uploads.spec.ts', '--reporter=json', '--workers=1'];
  const environment = { ...process.env, SHOEBOX_EMAIL: person.email, SHOEBOX_PASSWORD: person.password, SHOEBOX_CROWD: MANY.count };
  const options = { cwd: path.resolve(import.meta.dirname, '..'), env: environment, maxBuffer: 2 ** 28 };
  return new Promise((resolve, reject) => {
    // The command fails if a test does; its report is read anyway.
    execFile('npx', command, options, (error, stdout) => {
      try {
        resolve(summarize(JSON.parse(stdout.slice(stdout.indexOf('{')))));
      } catch {
        reject(error ?? new Error('The tests that inject faults printed no report'));
      }
    });
  });
}

function summarize(testReport) {
  const specs = (suite) => [...(suite.specs ?? []), ...(suite.suites ?? []).flatMap(specs)];
  const tests = testReport.suites.flatMap(specs).flatMap((spec) => spec.tests);
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
    ...(await measurePreviews(page)),
    ...(await measureHashing(page)),
    ...(await measureOverhead(page, visitor)),
  };
  await context.close();
  report(figures, 'uploads', { ...measured, ...(await measureMemory()), ...(await countLost()) });
} finally {
  await context.close();
  rmSync(folder, { recursive: true });
}
