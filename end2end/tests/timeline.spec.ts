import { type Page } from '@playwright/test';
import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { expectNoViolations } from './axe';
import type { Person } from './cast';
import { expect, test } from './fixtures';
import { stage } from './stage';
import { FOLDER, expectLive, holdCalls, holdWasm, openTimeline, tile, uploadReady, waitForPictures } from './table';

const PHOTOS = 100_000;
/** More elements than this are never on the page, however many photos there are. */
const MOST_ELEMENTS = 2_500;

/** A page, and what is noted in it. */
interface Watched extends Window {
  /** How much moved, what, and from where to where. */
  shifts: string[];
  /** In milliseconds. */
  longest: number;
  painted: number;
  /** The most elements that there were at once. */
  most: number;
  /** Lines that lie on one another. */
  piled: string[];
}

declare const window: Watched;

/** Fills somebody's library with photos of ten years, made after those that it has. */
async function fill(person: Person, count: number): Promise<void> {
  const root = path.resolve(import.meta.dirname, '../..');
  await promisify(execFile)('python', ['-m', 'infra.local.fill', process.env.SHOEBOX_STAGE!, person.email, String(count)], { cwd: root });
}

/** Those photos have no renditions: each is shown by the same. */
async function show(page: Page): Promise<void> {
  const body = await readFile(path.join(FOLDER, 'cat.png'));
  await page.route('**/media/**', (route) => route.fulfill({ body, contentType: 'image/png' }));
}

/** In the page: notes every layout shift, but of elements of a kind, and of those that are gone by now. */
function noteShifts(but?: string): void {
  window.shifts = [];
  new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) {
      const { value, sources } = entry as PerformanceEntry & { value: number; sources: { node?: Node; previousRect: DOMRect; currentRect: DOMRect }[] };
      const moved = sources.flatMap(({ node, previousRect, currentRect }) => {
        const element = node instanceof Element ? node : node?.parentElement;
        if (but && (!element || element.closest(but))) return [];
        return `${element?.className} from ${JSON.stringify(previousRect)} to ${JSON.stringify(currentRect)}`;
      });
      if (moved.length > 0) window.shifts.push(`${value.toFixed(5)} at ${entry.startTime.toFixed(0)} ms: ${moved.join(', ')}`);
    }
  }).observe({ type: 'layout-shift', buffered: true });
}

/** In the page: notes long tasks and frames from now on. */
function noteTasks(): void {
  Object.assign(window, { longest: 0, painted: 0 });
  new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) window.longest = Math.max(window.longest, entry.duration);
  }).observe({ type: 'longtask' });
  const frame = (): void => {
    window.painted += 1;
    requestAnimationFrame(frame);
  };
  requestAnimationFrame(frame);
}

function elements(page: Page): Promise<number> {
  return page.evaluate(() => document.querySelectorAll('*').length);
}

/** Waits until the window shows photos from edge to edge. */
async function settled(page: Page): Promise<void> {
  await expect
    .poll(() =>
      page.evaluate(() => {
        const lines = [...document.querySelectorAll('.lines .line')].map((line) => line.getBoundingClientRect());
        const seen = lines.filter((line) => line.bottom > 60 && line.top < window.innerHeight);
        const top = Math.min(...seen.map((line) => line.top));
        const bottom = Math.max(0, ...seen.map((line) => line.bottom));
        return seen.length > 1 && top < 130 && bottom >= Math.min(window.innerHeight, document.documentElement.scrollHeight - window.scrollY) - 60;
      }),
    )
    .toBe(true);
}

/** Waits until no page of the timeline is on its way, and no line comes or moves any more: what is pressed then stays where it is. */
async function still(page: Page, onTheWay: Set<unknown>): Promise<void> {
  let before = '';
  const stays = async (): Promise<boolean> => {
    const now = await page.evaluate(() => JSON.stringify([...document.querySelectorAll('.line')].map((line) => line.getBoundingClientRect())));
    const stays = onTheWay.size === 0 && now === before;
    before = now;
    return stays;
  };
  await expect.poll(stays, { intervals: [500] }).toBe(true);
}

/** Scrubs and scrolls somebody's many photos, in a window of their own. */
async function lookAround(page: Page, size: string): Promise<void> {
  await show(page);
  await openTimeline(page);
  // The labels say another month while one moves.
  await page.evaluate(noteShifts, '.scrubber, .when');
  await page.evaluate(noteTasks);
  const scrubber = page.getByRole('slider', { name: 'Date' });
  await expect(scrubber).toBeVisible();
  await settled(page);
  expect(await elements(page)).toBeLessThan(MOST_ELEMENTS);

  // Years at once, by keys.
  await scrubber.focus();
  for (const key of ['PageDown', 'PageDown', 'PageDown', 'ArrowUp', 'End', 'Home', 'PageDown']) {
    await page.keyboard.press(key);
    await settled(page);
    expect(await elements(page), key).toBeLessThan(MOST_ELEMENTS);
  }
  await expect(scrubber).toHaveAttribute('aria-valuetext', / 2025$/);

  // By hand, from top to bottom.
  const box = (await scrubber.boundingBox())!;
  await page.mouse.move(box.x + 20, box.y + 5);
  await page.mouse.down();
  for (let step = 1; step <= 40; step += 1) {
    await page.mouse.move(box.x + 20, box.y + (box.height * step) / 40);
    expect(await elements(page)).toBeLessThan(MOST_ELEMENTS);
  }
  await page.mouse.up();
  await settled(page);
  await expect(page.locator('.when')).toHaveText(/2016$/);

  // Line by line, both ways.
  for (const by of [...Array<number>(15).fill(-700), ...Array<number>(8).fill(500)]) {
    await page.mouse.wheel(0, by);
    await settled(page);
  }
  const { shifts, longest, painted } = await page.evaluate(() => ({ shifts: window.shifts, longest: window.longest, painted: window.painted }));
  test.info().annotations.push({ type: 'longest task', description: `${longest} ms` }, { type: 'frames', description: String(painted) });
  console.log(`  ${size}: longest task ${longest.toFixed(0)} ms, ${painted} frames, ${await elements(page)} elements`);
  expect(shifts, 'nothing jumps').toEqual([]);
  await expectNoViolations(page, `${size}: axe`);
}

test('a hundred thousand photos are scrubbed and scrolled without a jump, in a wide window and in a narrow one @home', async ({ newWindow, cleo }) => {
  test.slow();
  const first = await newWindow(cleo);
  await openTimeline(first);
  await uploadReady(first, 'cat.png', 'small/dogs.jpg', 'cup.png');
  await first.context().close();
  await fill(cleo, PHOTOS);

  for (const [size, viewport] of Object.entries({ wide: { width: 1440, height: 900 }, narrow: { width: 390, height: 844 } })) {
    const page = await newWindow(cleo, { viewport });
    await lookAround(page, size);
    await page.context().close();
  }
});

/** The next page is made for a window of this width. */
async function madeFor(page: Page, width: number): Promise<void> {
  await page.context().addCookies([{ name: 'width', value: String(width), url: stage.address }]);
}

test('a page jumps neither as it wakes nor where it was made for quite another window', async ({ newWindow, cleo }) => {
  test.slow();
  const first = await newWindow(cleo);
  await openTimeline(first);
  await uploadReady(first, 'cat.png', 'small/dogs.jpg', 'cup.png', 'small/fig.jpg', 'small/stream.webp', 'small/mountains.jpg', 'small/sunset.jpg');

  // What the server made serves windows of about that width.
  const serving = [[1440, 1440, true], [1440, 1100, true], [900, 1440, true], [1700, 1440, true]] as const;
  const hidden = [[2560, 390, false], [390, 1440, false], [500, 1100, false], [2300, 1100, false]] as const;
  for (const [made, width, serves] of [...serving, ...hidden]) {
    const page = await newWindow(cleo, { viewport: { width, height: 844 } });
    await madeFor(page, made);
    await page.addInitScript(noteShifts);
    const releaseWasm = await holdWasm(page);
    await page.goto('/', { waitUntil: 'domcontentloaded' });
    const line = page.locator('.line').first();
    await expect(line).toBeAttached();
    await (serves ? expect(line).toBeVisible() : expect(line).toBeHidden());
    releaseWasm();
    await expectLive(page);
    await expect(page.locator('.lines.awake .line').first()).toBeVisible();
    await waitForPictures(page);
    expect(await page.evaluate(() => window.shifts), `from ${made} px to ${width}`).toEqual([]);
    await page.context().close();
  }
});

test('lines never lie on one another while a page wakes @home', async ({ newWindow, cleo }) => {
  const first = await newWindow(cleo);
  await openTimeline(first);
  await uploadReady(first, 'cat.png', 'small/dogs.jpg', 'cup.png');
  await fill(cleo, 300);

  for (const made of [1440, 390, 2560]) {
    const page = await newWindow(cleo, { viewport: { width: 1440, height: 844 } });
    await show(page);
    await madeFor(page, made);
    await page.addInitScript(() => {
      const piled: string[] = [];
      window.piled = piled;
      const look = (): void => {
        const lines = [...document.querySelectorAll('.lines .line')].filter((line) => getComputedStyle(line).visibility === 'visible');
        const boxes = lines.map((line) => line.getBoundingClientRect()).sort((one, other) => one.top - other.top);
        boxes.forEach((box, at) => {
          const next = boxes[at + 1];
          if (next && next.top < box.bottom - 1) piled.push(`${box.top} to ${box.bottom}, and ${next.top}`);
        });
        requestAnimationFrame(look);
      };
      requestAnimationFrame(look);
    });
    const releaseWasm = await holdWasm(page);
    // A slow phone paints many times while it wakes.
    const devtools = await page.context().newCDPSession(page);
    await devtools.send('Emulation.setCPUThrottlingRate', { rate: 6 });
    await page.goto('/', { waitUntil: 'domcontentloaded' });
    await expect(page.locator('.line').nth(10)).toBeAttached();
    releaseWasm();
    await expectLive(page);
    await expect(page.locator('.lines.awake .line').first()).toBeVisible();
    await settled(page);
    expect(await page.evaluate(() => window.piled), `from ${made} px`).toEqual([]);
    await page.context().close();
  }
});

test('a page whose script never comes shows its photos all the same', async ({ newWindow, cleo, errors }) => {
  errors.allowText(/ERR_FAILED|Failed to fetch/);
  const page = await newWindow(cleo);
  await openTimeline(page);
  await uploadReady(page, 'cat.png');
  await madeFor(page, 390);
  await page.route('**/*.wasm', (route) => route.abort());
  await page.goto('/');
  const line = page.locator('.line').first();
  await expect(line).toBeAttached();
  await expect(line).toBeHidden();
  await expect(line).toBeVisible();
});

test('who comes back from a photo finds it where it was', async ({ newWindow, cleo }) => {
  const page = await newWindow(cleo, { viewport: { width: 600, height: 500 } });
  await openTimeline(page);
  const ids = await uploadReady(page, 'cat.png', 'small/dogs.jpg', 'cup.png', 'small/fig.jpg', 'small/stream.webp', 'small/mountains.jpg', 'small/sunset.jpg');
  await page.reload();
  await expectLive(page);
  const dogs = tile(page, ids[1]!);
  await dogs.scrollIntoViewIfNeeded();
  const before = (await dogs.boundingBox())!.y;
  await dogs.getByRole('link').click();
  await expect(page).toHaveURL(`/photos/${ids[1]}`);
  await page.keyboard.press('Escape');
  // To a few pixels: the browser rounds where a window stands, and how high lines are.
  await expect.poll(async () => Math.abs(((await dogs.boundingBox())?.y ?? Infinity) - before)).toBeLessThan(8);

  // In a window that is wider by then, its lines are divided for that.
  await dogs.getByRole('link').click();
  await expect(page).toHaveURL(`/photos/${ids[1]}`);
  await page.setViewportSize({ width: 1200, height: 500 });
  await page.keyboard.press('Escape');
  await expect(dogs).toBeInViewport();
  await expect.poll(async () => (await dogs.boundingBox())?.height).toBeLessThan(250);
});

test('who comes back to many photos does not wait for all of them @home', async ({ newWindow, cleo }) => {
  test.slow();
  const page = await newWindow(cleo);
  await show(page);
  await openTimeline(page);
  const [sunset] = (await uploadReady(page, 'small/sunset.jpg', 'small/dogs.jpg')) as [string];
  await fill(cleo, 1_000);
  const onTheWay = new Set<unknown>();
  page.on('request', (request) => request.url().endsWith('/api/photos/timeline') && onTheWay.add(request));
  page.on('requestfinished', (request) => onTheWay.delete(request));
  await page.reload();
  await expectLive(page);
  // It was taken eight years before the newest.
  for (let down = 0; !(await tile(page, sunset).isVisible()); down += 600) {
    expect(down, 'a thousand photos are less high').toBeLessThan(60_000);
    await page.mouse.wheel(0, 600);
    await settled(page);
  }
  await page.evaluate(() => {
    window.most = 0;
    const count = (): void => {
      window.most = Math.max(window.most, document.querySelectorAll('*').length);
    };
    new MutationObserver(count).observe(document, { subtree: true, childList: true });
  });
  await tile(page, sunset).scrollIntoViewIfNeeded();
  await still(page, onTheWay);
  await tile(page, sunset).getByRole('link').click();
  await expect(page).toHaveURL(`/photos/${sunset}`);
  await page.keyboard.press('Escape');
  await expect(tile(page, sunset)).toBeInViewport();
  await settled(page);
  expect(await page.evaluate(() => window.most)).toBeLessThan(MOST_ELEMENTS);
});

test('a day has an address, from which the timeline goes on both ways', async ({ newWindow, cleo }) => {
  const page = await newWindow(cleo);
  await openTimeline(page);
  const [dogs, sunset] = (await uploadReady(page, 'small/dogs.jpg', 'small/sunset.jpg')) as [string, string];
  await page.goto('/?day=2018-01-31');
  await expect(tile(page, sunset)).toBeVisible();
  await page.mouse.wheel(0, -500);
  await expect(tile(page, dogs)).toBeVisible();
});

test('day labels are read whole, with large text, too', async ({ newWindow, cleo }) => {
  const page = await newWindow(cleo);
  await openTimeline(page);
  await uploadReady(page, 'small/dogs.jpg', 'small/dandelions.jpg', 'cat.png');
  for (const size of ['16px', '32px']) {
    await page.addInitScript((size) => addEventListener('DOMContentLoaded', () => (document.documentElement.style.fontSize = size)), size);
    await openTimeline(page);
    await expect(page.locator('.lines.awake .day').first()).toBeVisible();
    await waitForPictures(page);
    const wrong = await page.locator('.day').evaluateAll((labels) =>
      labels
        .filter((label) => {
          const { left, right, top, bottom } = label.getBoundingClientRect();
          const shown = [...document.querySelectorAll('.face')].map((face) => face.getBoundingClientRect());
          const hidden = shown.some((face) => face.left < right && face.right > left && face.top < bottom - 1 && face.bottom > top + 1);
          return hidden || label.scrollWidth > label.clientWidth;
        })
        .map((label) => label.outerHTML),
    );
    expect(wrong, size).toEqual([]);
  }
});

/** Opens a table of that many photos, and waits until the window shows them. */
async function openFilled(page: Page, person: Person, count: number): Promise<void> {
  await openTimeline(page);
  await uploadReady(page, 'cat.png');
  await fill(person, count);
  await show(page);
  await openTimeline(page);
  await settled(page);
}

test('on a phone the right edge is for photos, and its handle for fingers @home', async ({ newWindow, cleo }) => {
  const page = await newWindow(cleo, { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true });
  await openFilled(page, cleo, 400);
  const under = await page.locator('li.tile').evaluateAll((tiles) => {
    const boxes = tiles.map((tile) => tile.getBoundingClientRect());
    const { top, right, height } = boxes.find((box) => box.right > innerWidth - 10 && box.top > 100 && box.bottom < innerHeight)!;
    return document.elementFromPoint(right - 10, top + height / 2)?.closest('a')?.getAttribute('href');
  });
  expect(under, 'a photo is under the finger').toMatch(/^\/photos\//);
  await page.evaluate(() => scrollBy({ top: 300, behavior: 'instant' }));
  await expect(page.locator('.scrubber.scrolled')).toBeAttached();
  await expect(page.locator('.scrubber.scrolled'), 'and goes').toHaveCount(0);
});

test('on a phone the bar is one row, and the month stands below it @home', async ({ newWindow, cleo }) => {
  const page = await newWindow(cleo, { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true });
  await openFilled(page, cleo, 400);
  const boxes = await page.locator('.bar > :not(.skip, .offline, .space)').evaluateAll((all) =>
    all.map((one) => one.getBoundingClientRect()).filter(({ width, height }) => width > 1 && height > 1).map(({ top, bottom }) => ({ top, bottom })),
  );
  expect(boxes.length, 'the name, the mark, buttons and links').toBeGreaterThan(4);
  expect(Math.max(...boxes.map(({ top }) => top)), 'one row').toBeLessThan(Math.min(...boxes.map(({ bottom }) => bottom)));

  await page.evaluate(() => scrollBy({ top: 2_000, behavior: 'instant' }));
  const month = page.locator('.when');
  await expect(month).toHaveText(/ \d{4}$/);
  const onTop = () =>
    month.evaluate((month) => {
      const text = document.createRange();
      text.selectNodeContents(month);
      const { left, top, bottom, width } = text.getBoundingClientRect();
      return [top + 1, bottom - 1].map((y) => document.elementFromPoint(left + width / 2, y)?.className);
    });
  await expect.poll(onTop, 'nothing lies over it').toEqual(['when', 'when']);
});

test('End goes to the end, even before the days are counted @home', async ({ newWindow, cleo }) => {
  const page = await newWindow(cleo);
  await openFilled(page, cleo, 3_000);
  const left = () => page.evaluate(() => document.documentElement.scrollHeight - scrollY - innerHeight);
  for (const counted of [true, false]) {
    const release = await holdCalls(page, 'days');
    if (counted) release();
    await openTimeline(page);
    await settled(page);
    if (counted) await expect.poll(left).toBeGreaterThan(100_000);
    await page.keyboard.press('End');
    release();
    await expect(async () => {
      await settled(page);
      expect(await left(), 'once all is loaded').toBeLessThan(2);
      expect(await page.evaluate(() => scrollY)).toBeGreaterThan(100_000);
      expect(await page.locator('li.tile').last().boundingBox()).toBeTruthy();
    }).toPass({ timeout: 30_000 });
  }
});
