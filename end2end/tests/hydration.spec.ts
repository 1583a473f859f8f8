import { type Locator, type Page } from '@playwright/test';
import { call } from './api';
import { expect, test } from './fixtures';
import { expectLive, holdRequests, holdWasm, openTimeline, tile, upload, uploadReady } from './timeline';

/** Controls and recordings in a page whose tasks are held. */
interface HeldWindow extends Window {
  /** Runs the held tasks. */
  resume: () => void;
  /** The number of held tasks. */
  heldCount: () => number;
  /** Messages from the WebSocket. */
  messages: string[];
  titles: string[];
  WebSocket: typeof WebSocket;
}

declare const window: HeldWindow;

/** The page hydrates in the first task, its effects run in the second, the WebSocket's listeners in the third, and lines hydrate after that. */
const TASKS_BEFORE_LINES = 3;

/** Holds the zero-delay tasks of pages after the first `count` until `resume`. */
async function holdTasksAfter(page: Page, count: number): Promise<void> {
  await page.addInitScript((left) => {
    const tasks: TimerHandler[] = [];
    const original = window.setTimeout.bind(window);
    const hold = (task: TimerHandler, ms?: number, ...args: unknown[]): number => {
      if (ms !== 0 || (left -= 1) >= 0) return original(task, ms, ...args);
      return tasks.push(task);
    };
    window.setTimeout = hold as typeof window.setTimeout;
    window.resume = () => {
      window.setTimeout = original as typeof window.setTimeout;
      for (const task of tasks) original(task, 0);
    };
    window.heldCount = () => tasks.length;
    window.messages = [];
    window.WebSocket = class extends WebSocket {
      constructor(url: string | URL) {
        super(url);
        // In a task after the page's own listener.
        this.addEventListener('message', ({ data }) => original(() => window.messages.push(String(data)), 0));
      }
    };
  }, count);
}

/** Opens the timeline without hydrating its lines. */
async function openWithPendingLines(page: Page): Promise<void> {
  await holdTasksAfter(page, TASKS_BEFORE_LINES);
  await openTimeline(page);
}

/** Waits until the app is loaded and its hydration is held. */
async function expectHydrationHeld(page: Page): Promise<void> {
  await expect.poll(() => page.evaluate(() => window.heldCount())).toBeGreaterThan(0);
}

test('an event before a line is hydrated is applied when it hydrates', async ({ newWindow, cleo }) => {
  const first = await newWindow(cleo);
  await openTimeline(first);
  const [cat] = (await uploadReady(first, 'cat.png')) as [string];

  const page = await newWindow(cleo);
  await openWithPendingLines(page);
  const catTile = tile(page, cat);
  await catTile.evaluate((element) => element.setAttribute('title', 'rendered by the server'));
  await call(first.request, 'photos/amend', { id: cat, amendment: { set: 'favourite', on: true } });
  await expect.poll(() => page.evaluate(() => window.messages.some((text) => text.includes('"favourite":true')))).toBe(true);
  await expect(catTile.getByTitle('Favourite')).toBeHidden();
  await page.evaluate(() => window.resume());
  await expect(catTile.getByTitle('Favourite')).toBeVisible();
  await expect(catTile, 'rendered again').not.toHaveAttribute('title');
  const line = page.locator('.line').first();
  await expect(line).toHaveAttribute('style', /height/);
});

test('a tap on a tile that is not hydrated yet is handled', async ({ newWindow, cleo }) => {
  const first = await newWindow(cleo);
  await openTimeline(first);
  const [text] = (await upload(first, 'bad/text.jpg')) as [string];
  await expect(tile(first, text)).toHaveAttribute('data-state', 'refused');

  const page = await newWindow(cleo);
  await openWithPendingLines(page);
  await tile(page, text).getByRole('button').click();
  await expect(page.getByRole('heading', { name: 'text.jpg' })).toBeVisible();
  await page.evaluate(() => window.resume());
  await page.getByRole('button', { name: 'Close' }).click();
  await expect(page.getByRole('heading', { name: 'text.jpg' })).toBeHidden();
});

test('a page keeps its title during hydration', async ({ newWindow, cleo }) => {
  const page = await newWindow(cleo);
  await page.addInitScript(() => {
    const titles: string[] = [];
    window.titles = titles;
    new MutationObserver(() => {
      // From the first title that the server sends.
      if (titles.length > 0 || document.title !== '') titles.push(document.title);
    }).observe(document, { childList: true, subtree: true, characterData: true });
  });
  for (const address of ['/', '/account']) {
    await page.goto(address);
    await expectLive(page);
    const titles = await page.evaluate(() => window.titles);
    expect([...new Set(titles)], address).toEqual([await page.title()]);
  }
});

test('a tap before hydration follows the link', async ({ newWindow, cleo }) => {
  const first = await newWindow(cleo);
  await openTimeline(first);
  const [cat] = (await uploadReady(first, 'cat.png')) as [string];

  const page = await newWindow(cleo);
  await holdTasksAfter(page, 0);
  await page.goto('/');
  await expectHydrationHeld(page);
  await tile(page, cat).getByRole('link').click();
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('cat.png');
  await expectHydrationHeld(page);
  await page.evaluate(() => window.resume());
  await expectLive(page);
});

/** Opens the cat's photo from the timeline; returns the tile. */
async function goToPhoto(page: Page): Promise<Locator> {
  await openTimeline(page);
  const [cat] = (await uploadReady(page, 'cat.png')) as [string];
  await tile(page, cat).getByRole('link').click();
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('cat.png');
  return tile(page, cat);
}

test('going back after a reload works before the script is loaded', async ({ newWindow, cleo }) => {
  const page = await newWindow(cleo);
  const cat = await goToPhoto(page);
  const releaseWasm = await holdWasm(page);
  await page.reload({ waitUntil: 'commit' });
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('cat.png');
  await page.goBack({ waitUntil: 'commit' });
  await expect(cat).toBeVisible();
  releaseWasm();
  await expectLive(page);
});

test('a page does not hydrate while a slow navigation is pending', async ({ newWindow, cleo }) => {
  const page = await newWindow(cleo);
  const cat = await goToPhoto(page);
  const releaseWasm = await holdWasm(page);
  await page.addInitScript(() => {
    const originalFetch = window.fetch.bind(window);
    window.fetch = (input, init) => {
      if (String(input instanceof Request ? input.url : input).endsWith('.wasm')) console.debug('WebAssembly requested');
      return originalFetch(input, init);
    };
    const instantiate = WebAssembly.instantiateStreaming;
    WebAssembly.instantiateStreaming = async (...args) => {
      const instance = await instantiate(...args);
      // Hydration would run in the first of these tasks.
      let count = 0;
      const task = (): unknown => ((count += 1) > 3 ? console.debug('hydration due') : setTimeout(task, 0));
      task();
      return instance;
    };
  });
  const requestedWasm = page.waitForEvent('console', (message) => message.text() === 'WebAssembly requested');
  await page.reload({ waitUntil: 'commit' });
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('cat.png');
  // The script must be running, or the page would never hydrate anyway.
  await requestedWasm;
  const releasePage = await holdRequests(page, '/');
  const requestedPage = page.waitForRequest('/');
  // `page.evaluate` does not work during a navigation.
  const hydrationDue = page.waitForEvent('console', (message) => message.text() === 'hydration due');
  await page.goBack({ waitUntil: 'commit' });
  await requestedPage;
  releaseWasm();
  await hydrationDue;
  releasePage();
  await expect(cat).toBeVisible();
  await expectLive(page);
});

test('going back after a reload works before hydration', async ({ newWindow, cleo }) => {
  const page = await newWindow(cleo);
  const cat = await goToPhoto(page);
  await holdTasksAfter(page, 0);
  await page.reload();
  await expectHydrationHeld(page);
  await page.goBack({ waitUntil: 'commit' });
  await expect(cat).toBeVisible();
  await expectHydrationHeld(page);
  await page.evaluate(() => window.resume());
  await expectLive(page);
});

test('following the skip link before hydration does not reload the page', async ({ newWindow, cleo }) => {
  const page = await newWindow(cleo);
  await goToPhoto(page);
  await holdTasksAfter(page, 0);
  await page.reload();
  await expectHydrationHeld(page);
  const before = await page.evaluateHandle(() => document.body);
  await page.keyboard.press('Tab');
  await page.keyboard.press('Enter');
  await expect(page).toHaveURL(/#content$/);
  await page.evaluate(() => window.resume());
  await expectLive(page);
  expect(await before.evaluate((body) => body.isConnected)).toBe(true);
});
