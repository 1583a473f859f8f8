import { type Locator, type Page } from '@playwright/test';
import { call } from './api';
import { expect, test } from './fixtures';
import { expectLive, holdRequests, holdWasm, openTimeline, tile, upload, uploadReady } from './table';

/** A page that is held back, and what is noted in it. */
interface Held extends Window {
  /** Lets those turns come that were held back. */
  goOn: () => void;
  /** How many wait. */
  waiting: () => number;
  /** What came by the socket. */
  heard: string[];
  titles: string[];
  WebSocket: typeof WebSocket;
}

declare const window: Held;

/** The page wakes in the first turn, in the second all begins that it asked for, and in the third what listens to the socket; lines wake in those that follow. */
const TURNS_BEFORE_LINES = 3;

/** From now on pages come no further than so many turns until `goOn`. */
async function holdAfter(page: Page, turns: number): Promise<void> {
  await page.addInitScript((left) => {
    const later: TimerHandler[] = [];
    const usual = window.setTimeout.bind(window);
    const held = (what: TimerHandler, ms?: number, ...more: unknown[]): number => {
      if (ms !== 0 || (left -= 1) >= 0) return usual(what, ms, ...more);
      return later.push(what);
    };
    window.setTimeout = held as typeof window.setTimeout;
    window.goOn = () => {
      window.setTimeout = usual as typeof window.setTimeout;
      for (const what of later) usual(what, 0);
    };
    window.waiting = () => later.length;
    window.heard = [];
    window.WebSocket = class extends WebSocket {
      constructor(url: string | URL) {
        super(url);
        // In the turn after that of the page.
        this.addEventListener('message', ({ data }) => usual(() => window.heard.push(String(data)), 0));
      }
    };
  }, turns);
}

/** Opens the table, whose lines are asleep. */
async function openAsleep(page: Page): Promise<void> {
  await holdAfter(page, TURNS_BEFORE_LINES);
  await openTimeline(page);
}

/** The app is made, and has not yet woken the page. */
async function expectMade(page: Page): Promise<void> {
  await expect.poll(() => page.evaluate(() => window.waiting())).toBeGreaterThan(0);
}

test('what changes while its line is still asleep is shown when that wakes', async ({ newWindow, cleo }) => {
  const first = await newWindow(cleo);
  await openTimeline(first);
  const [cat] = (await uploadReady(first, 'cat.png')) as [string];

  const page = await newWindow(cleo);
  await openAsleep(page);
  const sent = tile(page, cat);
  await sent.evaluate((element) => element.setAttribute('title', 'as it was sent'));
  await call(first.request, 'photos/amend', { id: cat, amendment: { set: 'favourite', on: true } });
  await expect.poll(() => page.evaluate(() => window.heard.some((text) => text.includes('"favourite":true')))).toBe(true);
  await expect(sent.getByTitle('Favourite')).toBeHidden();
  await page.evaluate(() => window.goOn());
  await expect(sent.getByTitle('Favourite')).toBeVisible();
  await expect(sent, 'it is another').not.toHaveAttribute('title');
  const line = page.locator('.line').first();
  await expect(line).toHaveAttribute('style', /height/);
});

test('a tap on what is still asleep is answered', async ({ newWindow, cleo }) => {
  const first = await newWindow(cleo);
  await openTimeline(first);
  const [text] = (await upload(first, 'bad/text.jpg')) as [string];
  await expect(tile(first, text)).toHaveAttribute('data-state', 'refused');

  const page = await newWindow(cleo);
  await openAsleep(page);
  await tile(page, text).getByRole('button').click();
  await expect(page.getByRole('heading', { name: 'text.jpg' })).toBeVisible();
  await page.evaluate(() => window.goOn());
  await page.getByRole('button', { name: 'Close' }).click();
  await expect(page.getByRole('heading', { name: 'text.jpg' })).toBeHidden();
});

test('a page keeps its title while it wakes', async ({ newWindow, cleo }) => {
  const page = await newWindow(cleo);
  await page.addInitScript(() => {
    const titles: string[] = [];
    window.titles = titles;
    new MutationObserver(() => {
      // As soon as the server's page has one.
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

test('a tap before the page wakes does what it would without a script', async ({ newWindow, cleo }) => {
  const first = await newWindow(cleo);
  await openTimeline(first);
  const [cat] = (await uploadReady(first, 'cat.png')) as [string];

  const page = await newWindow(cleo);
  await holdAfter(page, 0);
  await page.goto('/');
  await expectMade(page);
  await tile(page, cat).getByRole('link').click();
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('cat.png');
  await expectMade(page);
  await page.evaluate(() => window.goOn());
  await expectLive(page);
});

/** A window that went from the table to the cat's photo; answers with that one's tile. */
async function goToPhoto(page: Page): Promise<Locator> {
  await openTimeline(page);
  const [cat] = (await uploadReady(page, 'cat.png')) as [string];
  await tile(page, cat).getByRole('link').click();
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('cat.png');
  return tile(page, cat);
}

test('who loads a photo anew and goes back before the script is there comes to the table', async ({ newWindow, cleo }) => {
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

test('a page that is left for one that is slow to come does not wake', async ({ newWindow, cleo }) => {
  const page = await newWindow(cleo);
  const cat = await goToPhoto(page);
  const releaseWasm = await holdWasm(page);
  await page.addInitScript(() => {
    const fetching = window.fetch.bind(window);
    window.fetch = (what, how) => {
      if (String(what instanceof Request ? what.url : what).endsWith('.wasm')) console.debug('it asks for its bytes');
      return fetching(what, how);
    };
    const usual = WebAssembly.instantiateStreaming;
    WebAssembly.instantiateStreaming = async (...what) => {
      const made = await usual(...what);
      // It would wake in the first of these turns.
      let turns = 0;
      const turn = (): unknown => ((turns += 1) > 3 ? console.debug('it would be awake') : setTimeout(turn, 0));
      turn();
      return made;
    };
  });
  const runs = page.waitForEvent('console', (message) => message.text() === 'it asks for its bytes');
  await page.reload({ waitUntil: 'commit' });
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('cat.png');
  // Left before its script runs, it would never be awake.
  await runs;
  const come = await holdRequests(page, '/');
  const asked = page.waitForRequest('/');
  // Nothing can be asked of a page that is being left.
  const awake = page.waitForEvent('console', (message) => message.text() === 'it would be awake');
  await page.goBack({ waitUntil: 'commit' });
  await asked;
  releaseWasm();
  await awake;
  come();
  await expect(cat).toBeVisible();
  await expectLive(page);
});

test('who loads a photo anew and goes back before the page wakes comes to the table', async ({ newWindow, cleo }) => {
  const page = await newWindow(cleo);
  const cat = await goToPhoto(page);
  await holdAfter(page, 0);
  await page.reload();
  await expectMade(page);
  await page.goBack({ waitUntil: 'commit' });
  await expect(cat).toBeVisible();
  await expectMade(page);
  await page.evaluate(() => window.goOn());
  await expectLive(page);
});

test('who goes to the content before the page wakes stays there', async ({ newWindow, cleo }) => {
  const page = await newWindow(cleo);
  await goToPhoto(page);
  await holdAfter(page, 0);
  await page.reload();
  await expectMade(page);
  const stays = await page.evaluateHandle(() => document.body);
  await page.keyboard.press('Tab');
  await page.keyboard.press('Enter');
  await expect(page).toHaveURL(/#content$/);
  await page.evaluate(() => window.goOn());
  await expectLive(page);
  expect(await stays.evaluate((body) => body.isConnected)).toBe(true);
});
