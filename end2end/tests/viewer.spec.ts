import { type Page } from '@playwright/test';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { call, photo } from './api';
import { expectNoViolations } from './axe';
import { expect, test } from './fixtures';
import { FOLDER, expectLive, holdCalls, openTimeline, tile, uploadReady } from './timeline';

const picture = (page: Page) => page.locator('.stage img.photo');

/** Opens the cat's photo by its tile and expects its view transition to be rejected for this reason. */
async function openWithoutTransition(page: Page, id: string, reason: RegExp): Promise<void> {
  const rejected = page.evaluate(() => new Promise((done) => addEventListener('unhandledrejection', ({ reason }) => done(String(reason)))));
  await tile(page, id).getByRole('link').click();
  expect(await rejected).toMatch(reason);
  await expect(page).toHaveURL(`/photos/${id}`);
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('cat.png');
}

test('changes of a photo appear in all open pages', async ({ newWindow, cleo }) => {
  const [one, other, timeline] = [await newWindow(cleo), await newWindow(cleo), await newWindow(cleo)];
  await openTimeline(one);
  const [id] = (await uploadReady(one, 'small/mountains.jpg')) as [string];
  for (const page of [one, other]) {
    await page.goto(`/photos/${id}`);
    await expectLive(page);
  }
  await openTimeline(timeline);

  await one.getByRole('button', { name: 'Favourite' }).click();
  await expect(one.getByRole('button', { name: 'Favourite' })).toHaveAttribute('aria-pressed', 'true');
  await expect(other.getByRole('button', { name: 'Favourite' })).toHaveAttribute('aria-pressed', 'true');
  await expect(tile(timeline, id).locator('.heart')).toBeVisible();

  await one.keyboard.press('r');
  await expect(other.locator('.moved')).toHaveAttribute('data-turned', '1');
  await expect(tile(timeline, id).locator('.face')).toHaveAttribute('data-turned', '1');
  const { width, height } = (await tile(timeline, id).boundingBox())!;
  expect(height, 'a quarter turn makes it a portrait').toBeGreaterThan(width);

  await one.getByLabel('Caption').fill('Above the clouds');
  await one.getByLabel('Caption').blur();
  await expect(other.getByLabel('Caption')).toHaveValue('Above the clouds');
  await expect(tile(timeline, id).getByRole('img').last()).toHaveAttribute('alt', /^Above the clouds/);

  await one.getByRole('button', { name: 'Archive' }).click();
  await expect(tile(timeline, id)).toHaveCount(0);
  await timeline.goto('/archive');
  await expect(tile(timeline, id)).toBeVisible();
  await one.getByRole('button', { name: 'Unarchive' }).click();
  await expect(tile(timeline, id)).toHaveCount(0);
  await timeline.goto('/favourites');
  await expect(tile(timeline, id)).toBeVisible();
});

test('a date is edited and reset to the original date', async ({ newWindow, cleo }) => {
  const [page, timeline] = [await newWindow(cleo), await newWindow(cleo)];
  await openTimeline(page);
  const [id] = (await uploadReady(page, 'small/dogs.jpg')) as [string];
  await openTimeline(timeline);
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
  await expect(date, 'future dates are rejected').toHaveAttribute('datetime', /^2018/);
  await page.getByLabel('Date and time').fill('1987-03-02T04:05:06');
  await page.getByRole('button', { name: 'Save date' }).click();
  await expect(page.getByLabel('Date and time')).toBeHidden();
  await expect(edit).toBeFocused();
  await expect(page.locator('.facts')).toContainText('Taken (edited)Monday, 2 March 1987, 04:05');
  await expect(timeline.getByRole('heading', { name: '2 March 1987' })).toBeVisible();
  await page.reload();
  await expect(date).toHaveAttribute('datetime', '1987-03-02T04:05:06');

  await edit.click();
  await page.getByRole('button', { name: 'Use the original date' }).click();
  await expect(date).toHaveAttribute('datetime', '2018-06-23T12:33:14+02:00');
  await expect(timeline.getByRole('heading', { name: '2 March 1987' })).toHaveCount(0);
});

test('an optimistic update is rolled back with a message when it fails', async ({ newWindow, cleo, errors }) => {
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

test('arrow keys go through the timeline, also from a direct link', async ({ newWindow, cleo }) => {
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

test('a photo can change while the next one is loading', async ({ newWindow, cleo }) => {
  const [timeline, page] = [await newWindow(cleo), await newWindow(cleo)];
  await openTimeline(timeline);
  const [dogs, sunset] = (await uploadReady(timeline, 'small/dogs.jpg', 'small/sunset.jpg')) as [string, string];
  await page.goto(`/photos/${sunset}`);
  await expectLive(page);
  await expect(page.getByRole('link', { name: 'Newer photo' })).toBeVisible();
  const release = await holdCalls(page, 'photo');
  const requested = page.waitForRequest('**/api/photos/photo');
  await page.keyboard.press('ArrowLeft');
  await requested;

  const amended = await call(timeline.request, 'photos/amend', { id: sunset, amendment: { set: 'favourite', on: true } });
  expect(amended.ok()).toBe(true);
  const favourite = page.getByRole('button', { name: 'Favourite' });
  await expect(favourite, 'the photo on screen is updated').toHaveAttribute('aria-pressed', 'true');
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

test('keys work while the next photo is loading', async ({ newWindow, cleo }) => {
  const [timeline, page] = [await newWindow(cleo), await newWindow(cleo)];
  await openTimeline(timeline);
  await uploadReady(timeline, 'small/fig.jpg', 'small/dogs.jpg', 'small/sunset.jpg');
  await openTimeline(timeline);
  const tiles = timeline.locator('li.tile');
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

test('a view transition connects the tile and the photo in both directions', async ({ newWindow, cleo }) => {
  const page = await newWindow(cleo);
  await openTimeline(page);
  const [id] = (await uploadReady(page, 'small/dogs.jpg', 'small/sunset.jpg')) as [string];
  await page.evaluate(() => {
    const seen: boolean[] = [];
    const start = document.startViewTransition.bind(document);
    document.startViewTransition = (update) => {
      const transition = start(update);
      // The group is animated only if the photo is there before and after.
      const isPhoto = (animation: Animation) => (animation.effect as KeyframeEffect).pseudoElement === '::view-transition-group(photo)';
      void transition.ready.then(() => seen.push(document.getAnimations().some(isPhoto)));
      return transition;
    };
    Object.assign(window, { seen });
  });
  const seen = () => page.evaluate(() => (window as unknown as { seen: boolean[] }).seen);
  // The transition does not wait for these requests.
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

test('a skipped view transition is not an error', async ({ newWindow, cleo }) => {
  const page = await newWindow(cleo);
  await openTimeline(page);
  const [id] = (await uploadReady(page, 'cat.png')) as [string];
  // Starts another transition at once, which skips the first.
  await page.evaluate(() => {
    const start = document.startViewTransition.bind(document);
    document.startViewTransition = (update) => {
      const skipped = start(update);
      start();
      return skipped;
    };
  });
  await openWithoutTransition(page, id, /^AbortError/);
});

test('a view transition that times out is not an error', async ({ newWindow, cleo }) => {
  const page = await newWindow(cleo);
  await openTimeline(page);
  const [id] = (await uploadReady(page, 'cat.png')) as [string];
  // The update callback never finishes.
  await page.evaluate(() => {
    const start = document.startViewTransition.bind(document);
    document.startViewTransition = (update) =>
      start(async () => {
        await (update as ViewTransitionUpdateCallback)();
        await new Promise(() => {});
      });
  });
  await openWithoutTransition(page, id, /^TimeoutError/);
});

test('the page reports being offline, and the requested photo loads after reconnecting', async ({ newWindow, cleo, errors }) => {
  errors.allowText(/ERR_INTERNET_DISCONNECTED|WebSocket/);
  const [timeline, page] = [await newWindow(cleo), await newWindow(cleo)];
  await openTimeline(timeline);
  const [dogs, sunset] = (await uploadReady(timeline, 'small/dogs.jpg', 'small/sunset.jpg')) as [string, string];
  await page.goto(`/photos/${sunset}`);
  await expectLive(page);
  await expect(page.getByRole('link', { name: 'Newer photo' })).toBeVisible();
  await page.context().setOffline(true);
  const offline = page.getByText('You’re offline');
  await expect(offline).toBeVisible();
  await expect(page.locator('[data-live]')).toHaveAttribute('data-live', 'off');
  await page.keyboard.press('ArrowLeft');
  await expect(page.getByRole('alert')).toHaveText(/No internet connection/);
  await expectNoViolations(page, 'offline: axe');
  await page.context().setOffline(false);
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('dogs.jpg');
  await expect(page).toHaveURL(`/photos/${dogs}`);
  await expect(offline).toBeHidden();
});

test('the wheel zooms the photo with a larger rendition and does not scroll the page', async ({ newWindow, cleo }) => {
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

test('the original is downloaded unchanged, and renditions in the chosen format', async ({ newWindow, cleo }) => {
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

test('the location is shown on a map, and keyboard shortcuts are listed', async ({ newWindow, cleo }) => {
  const page = await newWindow(cleo);
  await openTimeline(page);
  const [id] = (await uploadReady(page, 'small/mountains.jpg')) as [string];
  await page.goto(`/photos/${id}`);
  await expectLive(page);
  const map = page.getByRole('img', { name: /map/ });
  await expect(map).toBeVisible();
  await expect(page.getByText('Canon EOS 80D')).toBeVisible();
  const [above, below] = [(await map.boundingBox())!, (await page.getByRole('heading', { name: 'History' }).boundingBox())!];
  expect(below.y, 'nothing covers the map').toBeGreaterThanOrEqual(above.y + above.height);
  await page.keyboard.press('?');
  await expect(page.getByRole('dialog')).toBeVisible();
  await expectNoViolations(page, 'keyboard shortcuts: axe');
  await page.keyboard.press('Escape');
  await expect(page.getByRole('dialog')).toBeHidden();
  await expect(page).toHaveURL(`/photos/${id}`);
  await page.keyboard.press('i');
  await expect(page.getByText('Canon EOS 80D')).toBeHidden();
});

test('without JavaScript the photo page renders with links to its neighbours', async ({ newWindow, cleo, errors }) => {
  // With scripts disabled, Chromium reports the module preload as blocked.
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

test('typing a caption triggers no shortcuts, and Escape closes an open menu first', async ({ newWindow, cleo }) => {
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

test('the links are in the viewport, and the placeholder of a rotated photo is rotated', async ({ newWindow, cleo }) => {
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

test('navigation from the favourites stays within them and goes back to them', async ({ newWindow, cleo }) => {
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
  await expect(page, 'photos that are no favourites are skipped').toHaveURL(`/photos/${older}?in=favourites`);
  await expect(page.getByRole('link', { name: 'Older photo' })).toHaveCount(0);
  await page.keyboard.press('Escape');
  await expect(page).toHaveURL('/favourites');
  await expect(tile(page, older)).toBeInViewport();

  await page.goto(`/photos/${older}?in=favourites`);
  await expectLive(page);
  await expect(page.getByRole('link', { name: 'Newer photo' }), 'rendered by the server').toHaveAttribute('href', `/photos/${newer}?in=favourites`);

  await page.goto(`/photos/${dogs}`);
  await expectLive(page);
  await page.getByRole('button', { name: 'Archive' }).click();
  await expect(page.getByRole('button', { name: 'Unarchive' })).toBeVisible();
  await expect(page.getByRole('link', { name: /Newer photo|Older photo/ }).first(), 'archived photos have neighbours').toBeVisible();
});

test('a caption is saved while typing, and its length limit is shown', async ({ newWindow, cleo }) => {
  const page = await newWindow(cleo);
  await openTimeline(page);
  const [id] = (await uploadReady(page, 'cat.png')) as [string];
  await page.goto(`/photos/${id}`);
  await expectLive(page);
  const caption = page.getByLabel('Caption');
  await caption.fill('The cat, ');
  // The response has no trailing space and must not overwrite what is being typed.
  await expect.poll(async () => (await photo(page.request, id)).caption).toBe('The cat,');
  await caption.press('End');
  await caption.pressSequentially('asleep');
  await expect(caption).toHaveValue('The cat, asleep');
  await expect.poll(async () => (await photo(page.request, id)).caption).toBe('The cat, asleep');
  await page.reload();
  await expect(page.getByLabel('Caption')).toHaveValue('The cat, asleep');
  await expectLive(page);
  await caption.fill('x'.repeat(490));
  await expect(page.getByText('10 characters left')).toBeVisible();
  await caption.fill('x'.repeat(500));
  await expect(page.getByText('No characters left')).toBeVisible();
});
