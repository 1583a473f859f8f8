import { type Page } from '@playwright/test';
import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { expectNoViolations } from './axe';
import type { Person } from './people';
import { expect, test } from './fixtures';
import { stage } from './stage';
import { FOLDER, expectLive, holdCalls, holdWasm, openTimeline, tile, uploadReady, waitForPictures } from './timeline';

const PHOTOS = 100_000;
/** Limit of DOM elements on a page, for any number of photos: the timeline is a virtual list. */
const MAX_ELEMENTS = 2_500;

/** Measurements in the page. */
interface InstrumentedWindow extends Window {
  /** Layout shifts: their value, elements and rectangles. */
  shifts: string[];
  /** The longest task in milliseconds. */
  longest: number;
  frameCount: number;
  /** The highest number of elements at once. */
  maxElements: number;
  /** Lines that overlap. */
  overlaps: string[];
}

declare const window: InstrumentedWindow;

/** Adds rows for photos over ten years to a person's library, copied from the photos that it has. */
async function fill(person: Person, count: number): Promise<void> {
  const root = path.resolve(import.meta.dirname, '../..');
  await promisify(execFile)('python', ['-m', 'infra.local.fill', process.env.SHOEBOX_STAGE!, person.email, String(count)], { cwd: root });
}

/** Serves one picture for all renditions, because the added rows have none. */
async function serveMedia(page: Page): Promise<void> {
  const body = await readFile(path.join(FOLDER, 'cat.png'));
  await page.route('**/media/**', (route) => route.fulfill({ body, contentType: 'image/png' }));
}

/** In the page: records layout shifts, except of elements that match `ignored` or, if it is given, were removed. */
function recordShifts(ignored?: string): void {
  window.shifts = [];
  new PerformanceObserver((list) => {
    const [navigation] = performance.getEntriesByType('navigation') as PerformanceNavigationTiming[];
    for (const entry of list.getEntries()) {
      // A slow browser paints what it has parsed so far, such as half of the header.
      if (!navigation?.domInteractive || entry.startTime < navigation.domInteractive) continue;
      const { value, sources } = entry as PerformanceEntry & { value: number; sources: { node?: Node; previousRect: DOMRect; currentRect: DOMRect }[] };
      const moved = sources.flatMap(({ node, previousRect, currentRect }) => {
        const element = node instanceof Element ? node : node?.parentElement;
        if (ignored && (!element || element.closest(ignored))) return [];
        return `${element?.className} from ${JSON.stringify(previousRect)} to ${JSON.stringify(currentRect)}`;
      });
      if (moved.length > 0) window.shifts.push(`${value.toFixed(5)} at ${entry.startTime.toFixed(0)} ms: ${moved.join(', ')}`);
    }
  }).observe({ type: 'layout-shift', buffered: true });
}

/** In the page: records the longest task and counts frames. */
function recordTasks(): void {
  Object.assign(window, { longest: 0, frameCount: 0 });
  new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) window.longest = Math.max(window.longest, entry.duration);
  }).observe({ type: 'longtask' });
  const frame = (): void => {
    window.frameCount += 1;
    requestAnimationFrame(frame);
  };
  requestAnimationFrame(frame);
}

function countElements(page: Page): Promise<number> {
  return page.evaluate(() => document.querySelectorAll('*').length);
}

/** Waits until loaded photos fill the viewport. */
async function waitForFilledViewport(page: Page): Promise<void> {
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

/** Waits until no request for the timeline is pending and its lines do not move, so that clicks hit their target. */
async function waitUntilStable(page: Page, pending: Set<unknown>): Promise<void> {
  let before = '';
  const isStable = async (): Promise<boolean> => {
    const now = await page.evaluate(() => JSON.stringify([...document.querySelectorAll('.line')].map((line) => line.getBoundingClientRect())));
    const stable = pending.size === 0 && now === before;
    before = now;
    return stable;
  };
  await expect.poll(isStable, { intervals: [500] }).toBe(true);
}

/** Scrubs and scrolls through a large library. */
async function scrubAndScroll(page: Page, size: string): Promise<void> {
  await serveMedia(page);
  await openTimeline(page);
  // The month labels change while scrolling.
  await page.evaluate(recordShifts, '.scrubber, .when');
  await page.evaluate(recordTasks);
  const scrubber = page.getByRole('slider', { name: 'Date' });
  await expect(scrubber).toBeVisible();
  await waitForFilledViewport(page);
  expect(await countElements(page)).toBeLessThan(MAX_ELEMENTS);

  // By year, with the keyboard.
  await scrubber.focus();
  for (const key of ['PageDown', 'PageDown', 'PageDown', 'ArrowUp', 'End', 'Home', 'PageDown']) {
    await page.keyboard.press(key);
    await waitForFilledViewport(page);
    expect(await countElements(page), key).toBeLessThan(MAX_ELEMENTS);
  }
  await expect(scrubber).toHaveAttribute('aria-valuetext', / 2025$/);

  // From top to bottom, with the mouse.
  const box = (await scrubber.boundingBox())!;
  await page.mouse.move(box.x + 20, box.y + 5);
  await page.mouse.down();
  for (let step = 1; step <= 40; step += 1) {
    await page.mouse.move(box.x + 20, box.y + (box.height * step) / 40);
    expect(await countElements(page)).toBeLessThan(MAX_ELEMENTS);
  }
  await page.mouse.up();
  await waitForFilledViewport(page);
  await expect(page.locator('.when')).toHaveText(/2016$/);

  // By lines, in both directions.
  for (const by of [...Array<number>(15).fill(-700), ...Array<number>(8).fill(500)]) {
    await page.mouse.wheel(0, by);
    await waitForFilledViewport(page);
  }
  const { shifts, longest, frameCount } = await page.evaluate(() => {
    const { shifts, longest, frameCount } = window;
    return { shifts, longest, frameCount };
  });
  test.info().annotations.push({ type: 'longest task', description: `${longest} ms` }, { type: 'frames', description: String(frameCount) });
  console.log(`  ${size}: longest task ${longest.toFixed(0)} ms, ${frameCount} frames, ${await countElements(page)} elements`);
  expect(shifts, 'no layout shifts').toEqual([]);
  await expectNoViolations(page, `${size}: axe`);
}

test('100,000 photos are scrubbed and scrolled without layout shifts in wide and narrow windows @home', async ({ newWindow, cleo }) => {
  test.slow();
  const first = await newWindow(cleo);
  await openTimeline(first);
  await uploadReady(first, 'cat.png', 'small/dogs.jpg', 'cup.png');
  await first.context().close();
  await fill(cleo, PHOTOS);

  for (const [size, viewport] of Object.entries({ wide: { width: 1440, height: 900 }, narrow: { width: 390, height: 844 } })) {
    const page = await newWindow(cleo, { viewport });
    await scrubAndScroll(page, size);
    await page.context().close();
  }
});

/** Makes the server render for this viewport width. */
async function renderForWidth(page: Page, width: number): Promise<void> {
  await page.context().addCookies([{ name: 'width', value: String(width), url: stage.address }]);
}

test('hydration causes no layout shifts, whatever width the server rendered for', async ({ newWindow, cleo }) => {
  test.slow();
  const first = await newWindow(cleo);
  await openTimeline(first);
  await uploadReady(first, 'cat.png', 'small/dogs.jpg', 'cup.png', 'small/fig.jpg', 'small/stream.webp', 'small/mountains.jpg', 'small/sunset.jpg');

  // The server's lines are visible before hydration only if they were rendered for about the same width.
  const visible = [[1440, 1440, true], [1440, 1100, true], [900, 1440, true], [1700, 1440, true]] as const;
  const hidden = [[2560, 390, false], [390, 1440, false], [500, 1100, false], [2300, 1100, false]] as const;
  for (const [rendered, width, isVisible] of [...visible, ...hidden]) {
    const page = await newWindow(cleo, { viewport: { width, height: 844 } });
    await renderForWidth(page, rendered);
    await page.addInitScript(recordShifts);
    const releaseWasm = await holdWasm(page);
    await page.goto('/', { waitUntil: 'domcontentloaded' });
    const line = page.locator('.line').first();
    await expect(line).toBeAttached();
    await (isVisible ? expect(line).toBeVisible() : expect(line).toBeHidden());
    releaseWasm();
    await expectLive(page);
    await expect(page.locator('.lines.awake .line').first()).toBeVisible();
    await waitForPictures(page);
    expect(await page.evaluate(() => window.shifts), `from ${rendered} px to ${width}`).toEqual([]);
    await page.context().close();
  }
});

test('lines never overlap during hydration @home', async ({ newWindow, cleo }) => {
  const first = await newWindow(cleo);
  await openTimeline(first);
  await uploadReady(first, 'cat.png', 'small/dogs.jpg', 'cup.png');
  await fill(cleo, 300);

  for (const rendered of [1440, 390, 2560]) {
    const page = await newWindow(cleo, { viewport: { width: 1440, height: 844 } });
    await serveMedia(page);
    await renderForWidth(page, rendered);
    await page.addInitScript(() => {
      const overlaps: string[] = [];
      window.overlaps = overlaps;
      const check = (): void => {
        const lines = [...document.querySelectorAll('.lines .line')].filter((line) => getComputedStyle(line).visibility === 'visible');
        const boxes = lines.map((line) => line.getBoundingClientRect()).sort((one, other) => one.top - other.top);
        boxes.forEach((box, at) => {
          const next = boxes[at + 1];
          if (next && next.top < box.bottom - 1) overlaps.push(`${box.top} to ${box.bottom}, and ${next.top}`);
        });
        requestAnimationFrame(check);
      };
      requestAnimationFrame(check);
    });
    const releaseWasm = await holdWasm(page);
    // A slow phone paints many frames during hydration.
    const devtools = await page.context().newCDPSession(page);
    await devtools.send('Emulation.setCPUThrottlingRate', { rate: 6 });
    await page.goto('/', { waitUntil: 'domcontentloaded' });
    await expect(page.locator('.line').nth(10)).toBeAttached();
    releaseWasm();
    await expectLive(page);
    await expect(page.locator('.lines.awake .line').first()).toBeVisible();
    await waitForFilledViewport(page);
    expect(await page.evaluate(() => window.overlaps), `from ${rendered} px`).toEqual([]);
    await page.context().close();
  }
});

test('a page whose WebAssembly fails to load shows its photos', async ({ newWindow, cleo, errors }) => {
  errors.allowText(/ERR_FAILED|Failed to fetch/);
  const page = await newWindow(cleo);
  await openTimeline(page);
  await uploadReady(page, 'cat.png');
  await renderForWidth(page, 390);
  await page.route('**/*.wasm', (route) => route.abort());
  await page.goto('/');
  const line = page.locator('.line').first();
  await expect(line).toBeAttached();
  await expect(line).toBeHidden();
  await expect(line).toBeVisible();
});

test('going back from a photo restores the scroll position', async ({ newWindow, cleo }) => {
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
  // The browser rounds scroll positions and line heights.
  await expect.poll(async () => Math.abs(((await dogs.boundingBox())?.y ?? Infinity) - before)).toBeLessThan(8);

  // The layout follows a viewport that was resized in the meantime.
  await dogs.getByRole('link').click();
  await expect(page).toHaveURL(`/photos/${ids[1]}`);
  await page.setViewportSize({ width: 1200, height: 500 });
  await page.keyboard.press('Escape');
  await expect(dogs).toBeInViewport();
  await expect.poll(async () => (await dogs.boundingBox())?.height).toBeLessThan(250);
});

test('going back to a large timeline renders only the visible photos @home', async ({ newWindow, cleo }) => {
  test.slow();
  const page = await newWindow(cleo);
  await serveMedia(page);
  await openTimeline(page);
  const [sunset] = (await uploadReady(page, 'small/sunset.jpg', 'small/dogs.jpg')) as [string];
  await fill(cleo, 1_000);
  const pending = new Set<unknown>();
  page.on('request', (request) => request.url().endsWith('/api/photos/timeline') && pending.add(request));
  page.on('requestfinished', (request) => pending.delete(request));
  await page.reload();
  await expectLive(page);
  // It is eight years older than the newest photo.
  for (let down = 0; !(await tile(page, sunset).isVisible()); down += 600) {
    expect(down, 'beyond the end of the timeline').toBeLessThan(60_000);
    await page.mouse.wheel(0, 600);
    await waitForFilledViewport(page);
  }
  await page.evaluate(() => {
    window.maxElements = 0;
    const count = (): void => {
      window.maxElements = Math.max(window.maxElements, document.querySelectorAll('*').length);
    };
    new MutationObserver(count).observe(document, { subtree: true, childList: true });
  });
  await tile(page, sunset).scrollIntoViewIfNeeded();
  await waitUntilStable(page, pending);
  await tile(page, sunset).getByRole('link').click();
  await expect(page).toHaveURL(`/photos/${sunset}`);
  await page.keyboard.press('Escape');
  await expect(tile(page, sunset)).toBeInViewport();
  await waitForFilledViewport(page);
  expect(await page.evaluate(() => window.maxElements)).toBeLessThan(MAX_ELEMENTS);
});

test('the timeline opens at a day and loads photos in both directions', async ({ newWindow, cleo }) => {
  const page = await newWindow(cleo);
  await openTimeline(page);
  const [dogs, sunset] = (await uploadReady(page, 'small/dogs.jpg', 'small/sunset.jpg')) as [string, string];
  await page.goto('/?day=2018-01-31');
  await expect(tile(page, sunset)).toBeVisible();
  await page.mouse.wheel(0, -500);
  await expect(tile(page, dogs)).toBeVisible();
});

test('day labels are neither clipped nor covered, also with large text', async ({ newWindow, cleo }) => {
  const page = await newWindow(cleo);
  await openTimeline(page);
  await uploadReady(page, 'small/dogs.jpg', 'small/dandelions.jpg', 'cat.png');
  for (const size of ['16px', '32px']) {
    await page.addInitScript((size) => addEventListener('DOMContentLoaded', () => (document.documentElement.style.fontSize = size)), size);
    await openTimeline(page);
    await expect(page.locator('.lines.awake .day').first()).toBeVisible();
    await waitForPictures(page);
    const unreadable = await page.locator('.day').evaluateAll((labels) =>
      labels
        .filter((label) => {
          const { left, right, top, bottom } = label.getBoundingClientRect();
          const faces = [...document.querySelectorAll('.face')].map((face) => face.getBoundingClientRect());
          const covered = faces.some((face) => face.left < right && face.right > left && face.top < bottom - 1 && face.bottom > top + 1);
          return covered || label.scrollWidth > label.clientWidth;
        })
        .map((label) => label.outerHTML),
    );
    expect(unreadable, size).toEqual([]);
  }
});

/** Opens the timeline of a library with so many photos, and waits until it fills the viewport. */
async function openFilled(page: Page, person: Person, count: number): Promise<void> {
  await openTimeline(page);
  await uploadReady(page, 'cat.png');
  await fill(person, count);
  await serveMedia(page);
  await openTimeline(page);
  await waitForFilledViewport(page);
}

test('on a phone the scrubber does not cover photos, and shows its handle only while scrolling @home', async ({ newWindow, cleo }) => {
  const page = await newWindow(cleo, { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true });
  await openFilled(page, cleo, 400);
  const under = await page.locator('li.tile').evaluateAll((tiles) => {
    const boxes = tiles.map((tile) => tile.getBoundingClientRect());
    const { top, right, height } = boxes.find((box) => box.right > innerWidth - 10 && box.top > 100 && box.bottom < innerHeight)!;
    return document.elementFromPoint(right - 10, top + height / 2)?.closest('a')?.getAttribute('href');
  });
  expect(under, 'a photo is at the right edge').toMatch(/^\/photos\//);
  await page.evaluate(() => scrollBy({ top: 300, behavior: 'instant' }));
  await expect(page.locator('.scrubber.scrolled')).toBeAttached();
  await expect(page.locator('.scrubber.scrolled'), 'the handle disappears').toHaveCount(0);
});

test('on a phone the bar is one row, and the month label is not covered @home', async ({ newWindow, cleo }) => {
  const page = await newWindow(cleo, { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true });
  await openFilled(page, cleo, 400);
  const boxes = await page.locator('.bar > :not(.skip, .offline, .space)').evaluateAll((all) =>
    all.map((one) => one.getBoundingClientRect()).filter(({ width, height }) => width > 1 && height > 1).map(({ top, bottom }) => ({ top, bottom })),
  );
  expect(boxes.length, 'elements of the bar').toBeGreaterThan(4);
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
  await expect.poll(onTop, 'nothing covers it').toEqual(['when', 'when']);
});

test('the End key scrolls to the end, even before the day counts are loaded @home', async ({ newWindow, cleo }) => {
  const page = await newWindow(cleo);
  await openFilled(page, cleo, 3_000);
  const left = () => page.evaluate(() => document.documentElement.scrollHeight - scrollY - innerHeight);
  for (const countsLoaded of [true, false]) {
    const release = await holdCalls(page, 'days');
    if (countsLoaded) release();
    await openTimeline(page);
    await waitForFilledViewport(page);
    if (countsLoaded) await expect.poll(left).toBeGreaterThan(100_000);
    await page.keyboard.press('End');
    release();
    await expect(async () => {
      await waitForFilledViewport(page);
      expect(await left(), 'at the end').toBeLessThan(2);
      expect(await page.evaluate(() => scrollY)).toBeGreaterThan(100_000);
      expect(await page.locator('li.tile').last().boundingBox()).toBeTruthy();
    }).toPass({ timeout: 30_000 });
  }
});
