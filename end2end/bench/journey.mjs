// Time from a finished upload to the `ready` event on another session's WebSocket, compared with image processing alone.
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
const MIN_BYTES = 1_000_000;
const TIMEOUT_MS = 120_000;

const [photos, developPhoto, figures] = process.argv.slice(2);
const { SHOEBOX_ADDRESS: address, SHOEBOX_OWNER_CODE: ownerCode, SHOEBOX_MAIL: mail } = process.env;
const person = { email: 'bench@shoebox.test', password: 'fifty photos in a row' };

/** Records when photos become ready, from the WebSocket's events. */
class Readiness {
  #done = new Map();
  #waiting = new Map();

  receive(message) {
    const { news } = JSON.parse(message);
    if (news?.what !== 'photo_changed') return;
    const { id, state } = news.photo;
    if (state.is !== 'ready' && state.is !== 'refused') return;
    const event = { at: performance.now(), state };
    this.#done.set(id, event);
    this.#waiting.get(id)?.(event);
  }

  async of(id) {
    let timer;
    const event = await Promise.race([
      this.#done.get(id) ?? new Promise((resolve) => this.#waiting.set(id, resolve)),
      new Promise((_, reject) => (timer = setTimeout(reject, TIMEOUT_MS, new Error(`Photo ${id} is not ready`)))),
    ]);
    clearTimeout(timer);
    if (event.state.is !== 'ready') throw new Error(`Photo ${id} was refused: ${JSON.stringify(event.state)}`);
    return event.at;
  }
}

/** Adds a unique comment to a JPEG, because libraries deduplicate. */
function withUniqueBytes(jpeg) {
  const text = Buffer.from(randomUUID());
  return Buffer.concat([jpeg.subarray(0, 2), Buffer.from([0xff, 0xfe, 0, text.length + 2]), text, jpeg.subarray(2)]);
}

/** Uploads a photo as a page does; returns the milliseconds from the end of the PUT to `ready`. */
async function journey(visitor, readiness, file) {
  const bytes = withUniqueBytes(readFileSync(file));
  const { photo, upload } = await visitor.grant(path.basename(file), bytes);
  await put(upload, bytes);
  const uploaded = performance.now();
  const announced = visitor.call('photos/announce', { id: photo.id });
  const ready = await readiness.of(photo.id);
  await announced;
  return ready - uploaded;
}

const run = promisify(execFile);

async function timed(work) {
  const began = performance.now();
  await work();
  return performance.now() - began;
}

/** Image processing alone: both formats sequentially, and in parallel as the functions do. */
async function pixelWork(file, folder) {
  const sequential = await timed(() => run(developPhoto, ['--formats', 'webp,jpeg', file, folder]));
  const parallel = await timed(() =>
    Promise.all(['webp', 'jpeg'].map((format) => run(developPhoto, ['--formats', format, file, folder]))),
  );
  return { sequential, parallel };
}

const files = readdirSync(photos)
  .map((name) => path.join(photos, name))
  .filter((file) => file.endsWith('.jpg') && statSync(file).size >= MIN_BYTES);
const folder = mkdtempSync(path.join(tmpdir(), 'shoebox-bench-'));
const [one, other] = [new Visitor(address), new Visitor(address)];
await becomeOwner(one, { ...person, ownerCode, mail });
for (const visitor of [one, other]) await visitor.submit('accounts/sign_in', person);
const readiness = new Readiness();
const ticket = await other.call('live/ticket');
const close = await openSocket(ticket.address, one.address.origin, (message) => readiness.receive(message));

// The first upload includes cold starts.
const first = await journey(one, readiness, files[0]);
const [ready, sequential, parallel] = [[], [], []];
for (let at = 0; at < PHOTOS; at++) {
  const file = files[at % files.length];
  ready.push(await journey(one, readiness, file));
  const pixels = await pixelWork(file, folder);
  sequential.push(pixels.sequential);
  parallel.push(pixels.parallel);
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
  ...spread('pixel_work', sequential),
  ...spread('pixel_work_side_by_side', parallel),
  ready_p95_over_pixel_work: rounded(p95(ready) / p95(sequential)),
  ready_p95_over_pixel_work_side_by_side: rounded(p95(ready) / p95(parallel)),
  first_ready_ms: rounded(first),
  ...spread(`burst_of_${BURST}_ready`, burst),
});
