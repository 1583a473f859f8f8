import { type APIRequestContext } from '@playwright/test';
import { randomBytes } from 'node:crypto';
import { call } from './api';
import { expect, test } from './fixtures';
import { expectLive, openTimeline, tile, uploadReady } from './table';

/** As many as a page of a shelf has. */
const PAGE = 100;

async function like(request: APIRequestContext, id: string): Promise<void> {
  const liked = await call(request, 'photos/amend', { id, amendment: { set: 'favourite', on: true } });
  expect(liked.ok()).toBe(true);
}

/** Adds favourites whose bytes never come: they take as much room on a shelf as others. */
async function addFavourites(request: APIRequestContext, count: number): Promise<void> {
  for (let number = 0; number < count; number += 1) {
    const wanted = { name: `expected-${number}.jpg`, kind: 'image/jpeg', bytes: 1, sha256: randomBytes(32).toString('base64') };
    const granted: { photo: { id: string } } = await (await call(request, 'photos/grant', { wanted })).json();
    await like(request, granted.photo.id);
  }
}

test('who comes back to many favourites finds the photo where it was, and pages lead on and back @home', async ({ newWindow, cleo }) => {
  // Photos without a date stand where they were uploaded, by the clock of the place.
  const page = await newWindow(cleo, { timezoneId: 'UTC' });
  await addFavourites(page.request, 65);
  await openTimeline(page);
  const [cat] = (await uploadReady(page, 'cat.png')) as [string];
  await like(page.request, cat);
  await addFavourites(page.request, 40);

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
  await expect(tiles).toHaveCount(PAGE);
  await expect(newer).toHaveCount(0);
  await older.click();
  await expect(tiles).toHaveCount(6);
  await expect(older).toHaveCount(0);
  await newer.click();
  await expect(page).toHaveURL('/favourites');
  await expect(tiles).toHaveCount(PAGE);
});
