import { type APIRequestContext } from '@playwright/test';
import { randomBytes } from 'node:crypto';
import { call } from './api';
import { expect, test } from './fixtures';
import { expectLive, openTimeline, tile, uploadReady } from './timeline';

/** Photos on one page of a collection. */
const PAGE_SIZE = 100;

async function addToFavourites(request: APIRequestContext, id: string): Promise<void> {
  const response = await call(request, 'photos/amend', { id, amendment: { set: 'favourite', on: true } });
  expect(response.ok()).toBe(true);
}

/** Adds favourites without uploading their bytes: their tiles take up the same space. */
async function createFavourites(request: APIRequestContext, count: number): Promise<void> {
  for (let number = 0; number < count; number += 1) {
    const wanted = { name: `expected-${number}.jpg`, kind: 'image/jpeg', bytes: 1, sha256: randomBytes(32).toString('base64') };
    const granted: { photo: { id: string } } = await (await call(request, 'photos/grant', { wanted })).json();
    await addToFavourites(request, granted.photo.id);
  }
}

test('going back to many favourites restores the scroll position, and pages link to each other @home', async ({ newWindow, cleo }) => {
  // Photos without a date are sorted by their upload time in the local time zone.
  const page = await newWindow(cleo, { timezoneId: 'UTC' });
  await createFavourites(page.request, 65);
  await openTimeline(page);
  const [cat] = (await uploadReady(page, 'cat.png')) as [string];
  await addToFavourites(page.request, cat);
  await createFavourites(page.request, 40);

  await page.goto('/favourites');
  await expectLive(page);
  const photo = tile(page, cat);
  await photo.evaluate((tile) => tile.scrollIntoView({ block: 'center', behavior: 'instant' }));
  const before = (await photo.boundingBox())!.y;
  expect(await page.evaluate(() => scrollY), 'the page is scrolled').toBeGreaterThan(500);
  for (const goBack of [() => page.keyboard.press('Escape'), () => page.goBack()]) {
    await photo.getByRole('link').click();
    await expect(page).toHaveURL(`/photos/${cat}?in=favourites`);
    await goBack();
    await expect(page).toHaveURL('/favourites');
    await expect.poll(async () => Math.abs(((await photo.boundingBox())?.y ?? Infinity) - before)).toBeLessThan(8);
  }

  const [newer, older] = [page.getByRole('link', { name: 'Newest photos' }), page.getByRole('link', { name: 'Older photos' })];
  const tiles = page.locator('li.tile');
  await expect(tiles).toHaveCount(PAGE_SIZE);
  await expect(newer).toHaveCount(0);
  await older.click();
  await expect(tiles).toHaveCount(6);
  await expect(older).toHaveCount(0);
  await newer.click();
  await expect(page).toHaveURL('/favourites');
  await expect(tiles).toHaveCount(PAGE_SIZE);
});
