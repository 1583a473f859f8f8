// The timeline of 100, 10,000 and 100,000 photos: size of the first page, response times, read units, and the longest tasks
// and frames while it is opened, scrubbed and scrolled.
//
//     node timeline.mjs FOLDER_OF_PHOTOS FOLDER_FOR_FIGURES

import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { openBrowser, openTimeline } from './browser.mjs';
import { percentile, report, rounded } from './figures.mjs';
import { Visitor, becomeOwner, join, uploadReady } from './visitor.mjs';

const SIZES = [100, 10_000, 100_000];
const PAGES = 20;
const STEPS = 120;
/** Steps between pauses, in which photos load. */
const STEPS_AT_ONCE = 15;
const PAUSE_MS = 1000;
const SCROLLED_PX = 300;
const SEED_PHOTOS = ['dogs.jpg', 'sunset.jpg', 'fig.jpg'];

const [photos, figures] = process.argv.slice(2);
const { SHOEBOX_ADDRESS: address, SHOEBOX_OWNER_CODE: ownerCode, SHOEBOX_MAIL: mail, SHOEBOX_STAGE: stage } = process.env;
const owner = { email: 'timeline@shoebox.test', password: 'a hundred thousand photos' };
const root = path.resolve(import.meta.dirname, '../..');

/** Creates an account with a library of so many photos. */
async function createPerson(size) {
  const person = { email: `timeline-${size}@shoebox.test`, password: owner.password };
  const visitor = new Visitor(address);
  await join(visitor, { ...person, mail });
  await uploadReady(visitor, SEED_PHOTOS.map((name) => path.join(photos, name)));
  await promisify(execFile)('python', ['-m', 'infra.local.fill', stage, person.email, String(size)], { cwd: root });
  return { person, visitor };
}

/** DynamoDB read units of each page. */
async function reads(person) {
  const { stdout } = await promisify(execFile)('python', ['-m', 'infra.local.reads', stage, person.email], { cwd: root });
  return JSON.parse(stdout);
}

/** Median response time of a server function in milliseconds. */
async function timed(visitor, name, body) {
  const durations = [];
  for (let at = 0; at < PAGES; at += 1) {
    const began = performance.now();
    await visitor.call(name, body);
    durations.push(performance.now() - began);
  }
  return percentile(durations, 0.5);
}

/** Measures the page while it is opened, scrubbed and scrolled. Tasks below 50 ms are not reported and count as 0. */
async function measurePage(person, folder) {
  const context = await openBrowser(address, folder);
  const body = readFileSync(path.join(photos, 'cat.png'));
  await context.route('**/media/**', (route) => route.fulfill({ body, contentType: 'image/png' }));
  const page = await openTimeline(context, person);
  const document = await page.waitForResponse((response) => response.url() === `${address}/`, { timeout: 100 }).catch(() => page.reload());
  const weight = (await document.body()).length;
  await page.locator('.lines.awake').waitFor();
  await page.evaluate(() => {
    window.tasks = [];
    window.frames = [];
    window.hydratedAt = performance.now();
    new PerformanceObserver((list) => window.tasks.push(...list.getEntries())).observe({ type: 'longtask', buffered: true });
    const frame = (at) => {
      window.frames.push(at);
      requestAnimationFrame(frame);
    };
    requestAnimationFrame(frame);
  });
  const height = await page.evaluate(() => document.documentElement.scrollHeight);
  const frames = (move, number) => page.evaluate(([move, number]) => new Promise((done) => {
    window[move](0, number);
    requestAnimationFrame(() => requestAnimationFrame(done));
  }), [move, number]);
  for (let step = 1; step <= STEPS; step += 1) {
    await frames('scrollTo', (height * ((step * 37) % STEPS)) / STEPS);
    if (step % STEPS_AT_ONCE === 0) await page.waitForTimeout(PAUSE_MS);
  }
  for (let step = 1; step <= STEPS; step += 1) await frames('scrollBy', SCROLLED_PX);
  await page.waitForTimeout(PAUSE_MS);
  const seen = await page.evaluate(() => {
    const longest = (opening) => Math.max(0, ...window.tasks.filter((task) => task.startTime < window.hydratedAt === opening).map((task) => task.duration));
    return { opened: longest(true), longest: longest(false), frames: window.frames, elements: document.querySelectorAll('*').length };
  });
  await context.close();
  const gaps = seen.frames.slice(1).map((at, before) => at - seen.frames[before]);
  return {
    weight,
    elements: seen.elements,
    opened: seen.opened,
    longest: seen.longest,
    frames: seen.frames.length,
    gap: percentile(gaps, 0.95),
  };
}

const first = new Visitor(address);
await becomeOwner(first, { ...owner, ownerCode, mail });
await first.submit('accounts/sign_in', owner);
await first.submit('accounts/set_open', { open: 'true' });
const measured = {};
for (const size of SIZES) {
  const { person, visitor } = await createPerson(size);
  const folder = mkdtempSync(path.join(tmpdir(), 'shoebox-bench-'));
  const { weight, elements, opened, longest, frames, gap } = await measurePage(person, folder);
  rmSync(folder, { recursive: true });
  for (const [page, units] of Object.entries(await reads(person))) measured[`units_of_${page}_of_${size}`] = units;
  Object.assign(measured, {
    [`first_page_kb_of_${size}`]: rounded(weight / 1000),
    [`page_p50_ms_of_${size}`]: rounded(await timed(visitor, 'photos/timeline', { start: 'newest' })),
    [`days_p50_ms_of_${size}`]: rounded(await timed(visitor, 'photos/days')),
    [`longest_opening_task_ms_of_${size}`]: rounded(opened),
    [`longest_task_ms_of_${size}`]: rounded(longest),
    [`frames_of_${size}`]: frames,
    [`frame_p95_ms_of_${size}`]: rounded(gap),
    [`elements_of_${size}`]: elements,
  });
}
report(figures, 'timeline', measured);
