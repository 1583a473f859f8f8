// From "the bytes are there" to `Ready` on the socket of another session, beside the pixel work alone.
//
//     node journey.mjs FOLDER_OF_PHOTOS DEVELOP_PHOTO FOLDER_FOR_FIGURES

import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { mkdtempSync, readFileSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { percentile, report, rounded, spread } from './figures.mjs';
import { openSocket } from './socket.mjs';
import { Visitor, becomeOwner, put } from './visitor.mjs';

const PHOTOS = 50;
const BURST = 10;
const LEAST_BYTES = 1_000_000;
const PATIENCE_MS = 120_000;

const [photos, developPhoto, figures] = process.argv.slice(2);
const { SHOEBOX_ADDRESS: address, SHOEBOX_OWNER_CODE: ownerCode, SHOEBOX_MAIL: mail } = process.env;
const person = { email: 'bench@shoebox.test', password: 'fifty photos in a row' };

/** When photos became ready, as the socket tells it. */
class Readiness {
  #told = new Map();
  #waiting = new Map();

  hear(frame) {
    const { news } = JSON.parse(frame);
    if (news?.what !== 'photo_changed') return;
    const { id, state } = news.photo;
    if (state.is !== 'ready' && state.is !== 'refused') return;
    const told = { at: performance.now(), state };
    this.#told.set(id, told);
    this.#waiting.get(id)?.(told);
  }

  async of(id) {
    let timer;
    const told = await Promise.race([
      this.#told.get(id) ?? new Promise((resolve) => this.#waiting.set(id, resolve)),
      new Promise((_, reject) => (timer = setTimeout(reject, PATIENCE_MS, new Error(`Photo ${id} is not ready`)))),
    ]);
    clearTimeout(timer);
    if (told.state.is !== 'ready') throw new Error(`Photo ${id} was refused: ${JSON.stringify(told.state)}`);
    return told.at;
  }
}

/** The same picture in other bytes: a library keeps the same bytes once. */
function another(jpeg) {
  const text = Buffer.from(randomUUID());
  return Buffer.concat([jpeg.subarray(0, 2), Buffer.from([0xff, 0xfe, 0, text.length + 2]), text, jpeg.subarray(2)]);
}

/** Uploads a photo as a page does; answers with the milliseconds from the store's answer to `Ready`. */
async function journey(visitor, readiness, file) {
  const bytes = another(readFileSync(file));
  const { photo, upload } = await visitor.grant(path.basename(file), bytes);
  await put(upload, bytes);
  const there = performance.now();
  const announced = visitor.ask('photos/announce', { id: photo.id });
  const ready = await readiness.of(photo.id);
  await announced;
  return ready - there;
}

const run = promisify(execFile);

async function timed(work) {
  const began = performance.now();
  await work();
  return performance.now() - began;
}

/** The work on pixels alone: both formats one after the other, and side by side as the functions do them. */
async function pixelWork(file, folder) {
  const inTurn = await timed(() => run(developPhoto, ['--formats', 'webp,jpeg', file, folder]));
  const atOnce = await timed(() =>
    Promise.all(['webp', 'jpeg'].map((format) => run(developPhoto, ['--formats', format, file, folder]))),
  );
  return { inTurn, atOnce };
}

const files = readdirSync(photos)
  .map((name) => path.join(photos, name))
  .filter((file) => file.endsWith('.jpg') && statSync(file).size >= LEAST_BYTES);
const folder = mkdtempSync(path.join(tmpdir(), 'shoebox-bench-'));
const [one, other] = [new Visitor(address), new Visitor(address)];
await becomeOwner(one, { ...person, ownerCode, mail });
for (const visitor of [one, other]) await visitor.submit('accounts/sign_in', person);
const readiness = new Readiness();
const ticket = await other.ask('live/ticket');
const close = await openSocket(ticket.address, one.address.origin, (frame) => readiness.hear(frame));

// The first journey starts the functions; the rest find them warm.
const first = await journey(one, readiness, files[0]);
const [ready, inTurn, atOnce] = [[], [], []];
for (let at = 0; at < PHOTOS; at++) {
  const file = files[at % files.length];
  ready.push(await journey(one, readiness, file));
  const pixels = await pixelWork(file, folder);
  inTurn.push(pixels.inTurn);
  atOnce.push(pixels.atOnce);
}
const burst = await Promise.all(
  Array.from({ length: BURST }, (_, at) => journey(one, readiness, files[at % files.length])),
);
close();
rmSync(folder, { recursive: true });

const p95 = (values) => percentile(values, 0.95);
report(figures, 'journey', {
  photos: PHOTOS,
  ...spread('ready', ready),
  ...spread('pixel_work', inTurn),
  ...spread('pixel_work_side_by_side', atOnce),
  ready_p95_over_pixel_work: rounded(p95(ready) / p95(inTurn)),
  ready_p95_over_pixel_work_side_by_side: rounded(p95(ready) / p95(atOnce)),
  first_ready_ms: rounded(first),
  ...spread(`burst_of_${BURST}_ready`, burst),
});
