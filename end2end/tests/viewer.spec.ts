import { type Page } from '@playwright/test';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { call, photo } from './api';
import { expectNoViolations } from './axe';
import { expect, test } from './fixtures';
import { FOLDER, expectLive, holdCalls, openTimeline, tile, uploadReady } from './table';

const picture = (page: Page) => page.locator('.stage img.photo');

/** Goes by its tile to the cat's photo, to which the browser does not move for this reason, and is there. */
async function goUnmoved(page: Page, id: string, why: RegExp): Promise<void> {
  const refused = page.evaluate(() => new Promise((seen) => addEventListener('unhandledrejection', ({ reason }) => seen(String(reason)))));
  await tile(page, id).getByRole('link').click();
  expect(await refused).toMatch(why);
  await expect(page).toHaveURL(`/photos/${id}`);
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('cat.png');
}

test('a photo is changed at once, here and in every other window', async ({ newWindow, cleo }) => {
  const [one, other, table] = [await newWindow(cleo), await newWindow(cleo), await newWindow(cleo)];
  await openTimeline(one);
  const [id] = (await uploadReady(one, 'small/mountains.jpg')) as [string];
  for (const page of [one, other]) {
    await page.goto(`/photos/${id}`);
    await expectLive(page);
  }
  await openTimeline(table);

  await one.getByRole('button', { name: 'Favourite' }).click();
  await expect(one.getByRole('button', { name: 'Favourite' })).toHaveAttribute('aria-pressed', 'true');
  await expect(other.getByRole('button', { name: 'Favourite' })).toHaveAttribute('aria-pressed', 'true');
  await expect(tile(table, id).locator('.heart')).toBeVisible();

  await one.keyboard.press('r');
  await expect(other.locator('.moved')).toHaveAttribute('data-turned', '1');
  await expect(tile(table, id).locator('.face')).toHaveAttribute('data-turned', '1');
  const { width, height } = (await tile(table, id).boundingBox())!;
  expect(height, 'a quarter turn makes it a portrait').toBeGreaterThan(width);

  await one.getByLabel('Caption').fill('Above the clouds');
  await one.getByLabel('Caption').blur();
  await expect(other.getByLabel('Caption')).toHaveValue('Above the clouds');
  await expect(tile(table, id).getByRole('img').last()).toHaveAttribute('alt', /^Above the clouds/);

  await one.getByRole('button', { name: 'Archive' }).click();
  await expect(tile(table, id)).toHaveCount(0);
  await table.goto('/archive');
  await expect(tile(table, id)).toBeVisible();
  await one.getByRole('button', { name: 'Unarchive' }).click();
  await expect(tile(table, id)).toHaveCount(0);
  await table.goto('/favourites');
  await expect(tile(table, id)).toBeVisible();
});

test('a date is corrected, and the one that was found comes back', async ({ newWindow, cleo }) => {
  const [page, table] = [await newWindow(cleo), await newWindow(cleo)];
  await openTimeline(page);
  const [id] = (await uploadReady(page, 'small/dogs.jpg')) as [string];
  await openTimeline(table);
  await page.goto(`/photos/${id}`);
  await expectLive(page);
  const date = page.locator('.facts time');
  await expect(date).toHaveAttribute('datetime', '2018-06-23T12:33:14+02:00');

  const edit = page.getByText('Edit date');
  await edit.click();
  await expect(page.getByLabel('Date and time')).toHaveValue('2018-06-23T12:33:14');
  await expect(page.getByRole('button', { name: 'Use the original date' })).toHaveCount(0);
  await expectNoViolations(page);
  await page.getByLabel('Date and time').fill('9999-01-01T00:00');
  await page.getByRole('button', { name: 'Save date' }).click();
  await expect(page.getByLabel('Date and time')).toBeFocused();
  await expect(date, 'no date of the future').toHaveAttribute('datetime', /^2018/);
  await page.getByLabel('Date and time').fill('1987-03-02T04:05:06');
  await page.getByRole('button', { name: 'Save date' }).click();
  await expect(page.getByLabel('Date and time')).toBeHidden();
  await expect(edit).toBeFocused();
  await expect(page.locator('.facts')).toContainText('Taken (edited)Monday, 2 March 1987, 04:05');
  await expect(table.getByRole('heading', { name: '2 March 1987' })).toBeVisible();
  await page.reload();
  await expect(date).toHaveAttribute('datetime', '1987-03-02T04:05:06');

  await edit.click();
  await page.getByRole('button', { name: 'Use the original date' }).click();
  await expect(date).toHaveAttribute('datetime', '2018-06-23T12:33:14+02:00');
  await expect(table.getByRole('heading', { name: '2 March 1987' })).toHaveCount(0);
});

test('what is refused is undone, with a word', async ({ newWindow, cleo, errors }) => {
  const page = await newWindow(cleo);
  await openTimeline(page);
  const [id] = (await uploadReady(page, 'cat.png')) as [string];
  await page.goto(`/photos/${id}`);
  await expectLive(page);
  errors.allow(500, '/api/photos/amend');
  await page.route('**/api/photos/amend', (route) => route.fulfill({ status: 500, body: '"broken"', contentType: 'application/json' }));
  await page.getByRole('button', { name: 'Favourite' }).click();
  await expect(page.getByRole('status').filter({ hasText: /\w/ })).toBeVisible();
  await expect(page.getByRole('button', { name: 'Favourite' })).toHaveAttribute('aria-pressed', 'false');
});

test('arrows go through the timeline, from a link that was sent, too', async ({ newWindow, cleo }) => {
  const page = await newWindow(cleo);
  await openTimeline(page);
  const [dogs, sunset] = (await uploadReady(page, 'small/dogs.jpg', 'small/sunset.jpg')) as [string, string];
  await page.goto(`/photos/${sunset}`);
  await expectLive(page);
  await page.keyboard.press('ArrowLeft');
  await expect(page).toHaveURL(`/photos/${dogs}`);
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('dogs.jpg');
  await page.keyboard.press('ArrowRight');
  await expect(page).toHaveURL(`/photos/${sunset}`);
  await page.keyboard.press('Escape');
  await expect(page).toHaveURL('/');
  await page.goBack();
  await expect(page).toHaveURL(`/photos/${sunset}`);
});

test('a photo that changes while the next one is on its way breaks nothing', async ({ newWindow, cleo }) => {
  const [table, page] = [await newWindow(cleo), await newWindow(cleo)];
  await openTimeline(table);
  const [dogs, sunset] = (await uploadReady(table, 'small/dogs.jpg', 'small/sunset.jpg')) as [string, string];
  await page.goto(`/photos/${sunset}`);
  await expectLive(page);
  await expect(page.getByRole('link', { name: 'Newer photo' })).toBeVisible();
  const release = await holdCalls(page, 'photo');
  const asked = page.waitForRequest('**/api/photos/photo');
  await page.keyboard.press('ArrowLeft');
  await asked;

  const amended = await call(table.request, 'photos/amend', { id: sunset, amendment: { set: 'favourite', on: true } });
  expect(amended.ok()).toBe(true);
  const favourite = page.getByRole('button', { name: 'Favourite' });
  await expect(favourite, 'what is still shown is still true').toHaveAttribute('aria-pressed', 'true');
  await picture(page).hover();
  await page.mouse.wheel(0, -300);
  await favourite.click();
  await expect(favourite).toHaveAttribute('aria-pressed', 'false');
  await page.getByLabel('Caption').fill('At the sea');
  await page.getByLabel('Caption').blur();

  release();
  await expect(page).toHaveURL(`/photos/${dogs}`);
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('dogs.jpg');
});

test('keys are heard while the next photo is on its way', async ({ newWindow, cleo }) => {
  const [table, page] = [await newWindow(cleo), await newWindow(cleo)];
  await openTimeline(table);
  await uploadReady(table, 'small/fig.jpg', 'small/dogs.jpg', 'small/sunset.jpg');
  await openTimeline(table);
  const tiles = table.locator('li.tile');
  await expect(tiles).toHaveCount(3);
  const [newest, middle, oldest] = (await tiles.evaluateAll((all) => all.map((one) => one.getAttribute('data-photo')))) as [string, string, string];
  await page.goto(`/photos/${oldest}`);
  await expectLive(page);
  await expect(page.getByRole('link', { name: 'Newer photo' })).toBeVisible();
  const release = await holdCalls(page, 'photo');
  await page.keyboard.press('ArrowLeft');
  await expect(page).toHaveURL(`/photos/${middle}`);
  await page.keyboard.press('ArrowLeft');
  release();
  await expect(page).toHaveURL(`/photos/${newest}`);

  await page.goto(`/photos/${oldest}`);
  await expectLive(page);
  const releaseAgain = await holdCalls(page, 'photo');
  await page.keyboard.press('ArrowLeft');
  await expect(page).toHaveURL(`/photos/${middle}`);
  await page.keyboard.press('Escape');
  await expect(page).toHaveURL('/');
  releaseAgain();
});

test('a tile grows into the photo, and the photo shrinks back into it', async ({ newWindow, cleo }) => {
  const page = await newWindow(cleo);
  await openTimeline(page);
  const [id] = (await uploadReady(page, 'small/dogs.jpg', 'small/sunset.jpg')) as [string];
  await page.evaluate(() => {
    const seen: boolean[] = [];
    const start = document.startViewTransition.bind(document);
    document.startViewTransition = (update) => {
      const transition = start(update);
      // It moves only what there is before and after.
      const moves = (one: Animation) => (one.effect as KeyframeEffect).pseudoElement === '::view-transition-group(photo)';
      void transition.ready.then(() => seen.push(document.getAnimations().some(moves)));
      return transition;
    };
    Object.assign(window, { seen });
  });
  const seen = () => page.evaluate(() => (window as unknown as { seen: boolean[] }).seen);
  // It does not wait for what it can do without.
  const release = await holdCalls(page, 'photo', 'beside');
  await tile(page, id).getByRole('link').click();
  await expect(page).toHaveURL(`/photos/${id}`);
  await expect.poll(seen).toEqual([true]);
  release();
  await expect(page.getByRole('link', { name: /^(Newer|Older) photo$/ })).toBeVisible();
  await page.keyboard.press('Escape');
  await expect(tile(page, id)).toBeVisible();
  await expect.poll(seen).toEqual([true, true]);
});

test('who goes on before a page has moved over sees no error', async ({ newWindow, cleo }) => {
  const page = await newWindow(cleo);
  await openTimeline(page);
  const [id] = (await uploadReady(page, 'cat.png')) as [string];
  // The next page comes as soon as one has begun to move.
  await page.evaluate(() => {
    const start = document.startViewTransition.bind(document);
    document.startViewTransition = (update) => {
      const skipped = start(update);
      start();
      return skipped;
    };
  });
  await goUnmoved(page, id, /^AbortError/);
});

test('a page that the browser is too busy to move over to is no error', async ({ newWindow, cleo }) => {
  const page = await newWindow(cleo);
  await openTimeline(page);
  const [id] = (await uploadReady(page, 'cat.png')) as [string];
  // As if the page were never done with its change.
  await page.evaluate(() => {
    const start = document.startViewTransition.bind(document);
    document.startViewTransition = (update) =>
      start(async () => {
        await (update as ViewTransitionUpdateCallback)();
        await new Promise(() => {});
      });
  });
  await goUnmoved(page, id, /^TimeoutError/);
});

test('without a connection it is said, and what was asked for comes by itself when it is back', async ({ newWindow, cleo, errors }) => {
  errors.allowText(/ERR_INTERNET_DISCONNECTED|WebSocket/);
  const [table, page] = [await newWindow(cleo), await newWindow(cleo)];
  await openTimeline(table);
  const [dogs, sunset] = (await uploadReady(table, 'small/dogs.jpg', 'small/sunset.jpg')) as [string, string];
  await page.goto(`/photos/${sunset}`);
  await expectLive(page);
  await expect(page.getByRole('link', { name: 'Newer photo' })).toBeVisible();
  await page.context().setOffline(true);
  const offline = page.getByText('You are offline');
  await expect(offline).toBeVisible();
  await expect(page.locator('[data-live]')).toHaveAttribute('data-live', 'off');
  await page.keyboard.press('ArrowLeft');
  await expect(page.getByRole('alert')).toHaveText(/no connection/);
  await expectNoViolations(page, 'offline: axe');
  await page.context().setOffline(false);
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('dogs.jpg');
  await expect(page).toHaveURL(`/photos/${dogs}`);
  await expect(offline).toBeHidden();
});

test('a photo comes nearer, in a sharper rendition, and the wheel does not move the page', async ({ newWindow, cleo }) => {
  const page = await newWindow(cleo);
  await openTimeline(page);
  const [id] = (await uploadReady(page, 'dandelions.jpg')) as [string];
  await page.goto(`/photos/${id}`);
  await expectLive(page);
  const seen = picture(page);
  await expect.poll(() => seen.evaluate((img: HTMLImageElement) => img.complete && img.naturalWidth)).toBeTruthy();
  const before = (await seen.boundingBox())!;
  const box = (await page.locator('.stage').boundingBox())!;
  await page.mouse.move(box.x + box.width / 3, box.y + box.height / 3);
  await page.mouse.wheel(0, -700);
  await expect.poll(async () => (await seen.boundingBox())!.width).toBeGreaterThan(before.width * 2);
  expect(await page.evaluate(() => window.scrollY)).toBe(0);
  await expect.poll(() => seen.evaluate((img: HTMLImageElement) => img.currentSrc)).toMatch(/\/2880\?/);
  await page.keyboard.press('0');
  await expect.poll(async () => Math.round((await seen.boundingBox())!.width)).toBe(Math.round(before.width));
});

test('the original is saved as it came, and renditions in the format one chooses', async ({ newWindow, cleo }) => {
  const page = await newWindow(cleo);
  await openTimeline(page);
  const [id] = (await uploadReady(page, 'cup.png')) as [string];
  await page.goto(`/photos/${id}`);
  await page.getByText('Download', { exact: true }).click();
  const saving = page.waitForEvent('download');
  await page.getByRole('link', { name: 'Original' }).click();
  const original = await saving;
  expect(original.suggestedFilename()).toBe('cup.png');
  const bytes = await readFile((await original.path())!);
  expect(bytes.subarray(0, 20_000).equals((await readFile(path.join(FOLDER, 'cup.png'))).subarray(0, 20_000))).toBe(true);
  const rendition = page.waitForEvent('download');
  await page.getByRole('link', { name: /600 pixels, JPEG/ }).click();
  const saved = await rendition;
  expect(saved.suggestedFilename()).toBe('cup-600.jpeg');
  expect([...(await readFile((await saved.path())!)).subarray(0, 3)]).toEqual([0xff, 0xd8, 0xff]);
});

test('where it was taken is shown on a map of our own, and keys are told', async ({ newWindow, cleo }) => {
  const page = await newWindow(cleo);
  await openTimeline(page);
  const [id] = (await uploadReady(page, 'small/mountains.jpg')) as [string];
  await page.goto(`/photos/${id}`);
  await expectLive(page);
  const map = page.getByRole('img', { name: /map/ });
  await expect(map).toBeVisible();
  await expect(page.getByText('Canon EOS 80D')).toBeVisible();
  const [above, below] = [(await map.boundingBox())!, (await page.getByRole('heading', { name: 'History' }).boundingBox())!];
  expect(below.y, 'nothing lies on the map').toBeGreaterThanOrEqual(above.y + above.height);
  await page.keyboard.press('?');
  await expect(page.getByRole('dialog')).toBeVisible();
  await expectNoViolations(page, 'the sheet of keys');
  await page.keyboard.press('Escape');
  await expect(page.getByRole('dialog')).toBeHidden();
  await expect(page).toHaveURL(`/photos/${id}`);
  await page.keyboard.press('i');
  await expect(page.getByText('Canon EOS 80D')).toBeHidden();
});

test('a link that was sent renders on the server, with its neighbours', async ({ newWindow, cleo, errors }) => {
  // Where scripts are off, Chromium counts the preload of a module as blocked.
  errors.allowText(/^csp$/);
  const first = await newWindow(cleo);
  await openTimeline(first);
  const [dogs, sunset] = (await uploadReady(first, 'small/dogs.jpg', 'small/sunset.jpg')) as [string, string];
  const page = await newWindow(cleo, { javaScriptEnabled: false });
  await page.goto(`/photos/${sunset}`);
  await expect(picture(page)).toBeVisible();
  await page.getByRole('link', { name: 'Newer photo' }).click();
  await expect(page).toHaveURL(`/photos/${dogs}`);
  expect((await photo(page.request, dogs)).state.is).toBe('ready');
});

test('keys that are typed into a caption do not act, and a menu takes Escape for itself', async ({ newWindow, cleo }) => {
  const page = await newWindow(cleo);
  await openTimeline(page);
  const [id] = (await uploadReady(page, 'cat.png')) as [string];
  await page.goto(`/photos/${id}`);
  await expectLive(page);
  const moved = page.locator('.moved');
  await page.keyboard.press('+');
  await expect(moved).toHaveCSS('transform', /^matrix\(1\.5/);
  await page.keyboard.press('0');
  await expect(moved).toHaveCSS('transform', 'matrix(1, 0, 0, 1, 0, 0)');
  await page.getByLabel('Caption').fill('');
  await page.getByLabel('Caption').pressSequentially('2+2-0=');
  await expect(moved).toHaveCSS('transform', 'matrix(1, 0, 0, 1, 0, 0)');
  await page.getByLabel('Caption').blur();
  await page.keyboard.press('Control+=');
  await expect(moved).toHaveCSS('transform', 'matrix(1, 0, 0, 1, 0, 0)');
  await page.keyboard.press('Shift+F');
  await expect(page.getByRole('button', { name: 'Favourite' })).toHaveAttribute('aria-pressed', 'true');

  const menu = page.locator('details.downloads');
  await page.getByText('Download', { exact: true }).click();
  await expect(menu).toHaveAttribute('open');
  await page.keyboard.press('Escape');
  await expect(menu).not.toHaveAttribute('open');
  await expect(page).toHaveURL(`/photos/${id}`);
  await page.getByText('Download', { exact: true }).click();
  await page.getByRole('heading', { level: 1 }).click();
  await expect(menu).not.toHaveAttribute('open');
  await page.keyboard.press('Escape');
  await expect(page).toHaveURL('/');
});

test('what belongs to the photo is in the window, and what lies below a turned one is turned, too', async ({ newWindow, cleo }) => {
  const page = await newWindow(cleo);
  await openTimeline(page);
  const ids = (await uploadReady(page, 'small/fig.jpg', 'small/dogs.jpg')) as [string, string];
  for (const id of ids) {
    const amended = await call(page.request, 'photos/amend', { id, amendment: { set: 'turned', quarters: 1 } });
    expect(amended.ok()).toBe(true);
    await page.goto(`/photos/${id}`);
    await expectLive(page);
    const steps = (await page.getByRole('link', { name: /Newer photo|Older photo/ }).boundingBox())!;
    expect(steps.y + steps.height).toBeLessThanOrEqual(800);
    const [below, above] = [(await page.locator('.stage .below').boundingBox())!, (await picture(page).boundingBox())!];
    for (const side of ['x', 'y', 'width', 'height'] as const) expect(below[side], side).toBeCloseTo(above[side], 0);
  }
});

test('from a shelf one goes on along it, and back to it', async ({ newWindow, cleo }) => {
  const page = await newWindow(cleo);
  await openTimeline(page);
  const [fig, dogs, sunset] = (await uploadReady(page, 'small/fig.jpg', 'small/dogs.jpg', 'small/sunset.jpg')) as [string, string, string];
  for (const id of [fig, sunset]) await call(page.request, 'photos/amend', { id, amendment: { set: 'favourite', on: true } });
  await page.goto('/favourites');
  await expectLive(page);
  const tiles = page.locator('li.tile');
  await expect(tiles).toHaveCount(2);
  const [newer, older] = (await tiles.evaluateAll((all) => all.map((one) => one.getAttribute('data-photo')))) as [string, string];
  await tile(page, newer).getByRole('link').click();
  await expect(page).toHaveURL(`/photos/${newer}?in=favourites`);
  await page.keyboard.press('ArrowRight');
  await expect(page, 'past what is no favourite').toHaveURL(`/photos/${older}?in=favourites`);
  await expect(page.getByRole('link', { name: 'Older photo' })).toHaveCount(0);
  await page.keyboard.press('Escape');
  await expect(page).toHaveURL('/favourites');
  await expect(tile(page, older)).toBeInViewport();

  await page.goto(`/photos/${older}?in=favourites`);
  await expectLive(page);
  await expect(page.getByRole('link', { name: 'Newer photo' }), 'as the server knows it').toHaveAttribute('href', `/photos/${newer}?in=favourites`);

  await page.goto(`/photos/${dogs}`);
  await expectLive(page);
  await page.getByRole('button', { name: 'Archive' }).click();
  await expect(page.getByRole('button', { name: 'Unarchive' })).toBeVisible();
  await expect(page.getByRole('link', { name: /Newer photo|Older photo/ }).first(), 'no dead end').toBeVisible();
});

test('a caption is kept while it is written, and says when it ends', async ({ newWindow, cleo }) => {
  const page = await newWindow(cleo);
  await openTimeline(page);
  const [id] = (await uploadReady(page, 'cat.png')) as [string];
  await page.goto(`/photos/${id}`);
  await expectLive(page);
  const caption = page.getByLabel('Caption');
  await caption.fill('The cat, ');
  // The answer comes without the blank at the end, and takes nothing from who goes on.
  await expect.poll(async () => (await photo(page.request, id)).caption).toBe('The cat,');
  await caption.press('End');
  await caption.pressSequentially('asleep');
  await expect(caption).toHaveValue('The cat, asleep');
  await expect.poll(async () => (await photo(page.request, id)).caption).toBe('The cat, asleep');
  await page.reload();
  await expect(page.getByLabel('Caption')).toHaveValue('The cat, asleep');
  await expectLive(page);
  await caption.fill('x'.repeat(490));
  await expect(page.getByText('10 more characters')).toBeVisible();
  await caption.fill('x'.repeat(500));
  await expect(page.getByText('That is as long as a caption can be.')).toBeVisible();
});
