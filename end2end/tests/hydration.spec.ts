import { type Locator, type Page } from '@playwright/test';
import { call } from './api';
import { expect, test } from './fixtures';
import { expectLive, holdRequests, holdWasm, openTimeline, tile, uploadReady } from './timeline';

interface RecordedWindow extends Window {
  titles: string[];
}

declare const window: RecordedWindow;

test('a change between rendering and hydration is shown after hydration', async ({ newWindow, cleo }) => {
  const first = await newWindow(cleo);
  await openTimeline(first);
  const [cat] = (await uploadReady(first, 'cat.png')) as [string];

  const page = await newWindow(cleo);
  const releaseWasm = await holdWasm(page);
  await page.goto('/', { waitUntil: 'commit' });
  const catTile = tile(page, cat);
  await expect(catTile.getByRole('img')).toBeVisible();
  await call(first.request, 'photos/amend', { id: cat, amendment: { set: 'favourite', on: true } });
  await expect(tile(first, cat).getByTitle('Favourite')).toBeVisible();
  await expect(catTile.getByTitle('Favourite')).toBeHidden();
  releaseWasm();
  await expect(catTile.getByTitle('Favourite')).toBeVisible();
});

test('hydration keeps the elements that the server rendered', async ({ newWindow, cleo }) => {
  const first = await newWindow(cleo);
  await openTimeline(first);
  const [cat] = (await uploadReady(first, 'cat.png')) as [string];

  const page = await newWindow(cleo);
  const releaseWasm = await holdWasm(page);
  await page.goto('/', { waitUntil: 'commit' });
  const rendered = await tile(page, cat).getByRole('img').evaluateHandle((picture) => picture);
  releaseWasm();
  await expectLive(page);
  await expect(page.locator('.lines.awake .line').first()).toBeVisible();
  expect(await rendered.evaluate((picture) => picture.isConnected)).toBe(true);
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
  const releaseWasm = await holdWasm(page);
  await page.goto('/', { waitUntil: 'commit' });
  await tile(page, cat).getByRole('link').click();
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('cat.png');
  releaseWasm();
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

test('going back after a reload works before hydration', async ({ newWindow, cleo }) => {
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
      // Hydration would run before the last of these tasks.
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

test('following the skip link before hydration does not reload the page', async ({ newWindow, cleo }) => {
  const page = await newWindow(cleo);
  await goToPhoto(page);
  const releaseWasm = await holdWasm(page);
  await page.reload({ waitUntil: 'commit' });
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('cat.png');
  const before = await page.evaluateHandle(() => document.body);
  await page.keyboard.press('Tab');
  await page.keyboard.press('Enter');
  await expect(page).toHaveURL(/#content$/);
  releaseWasm();
  await expectLive(page);
  expect(await before.evaluate((body) => body.isConnected)).toBe(true);
});
