import { type Locator, type Page } from '@playwright/test';
import { mkdir, utimes, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { expect, test } from './fixtures';
import { openTimeline, tile } from './timeline';
import { expectStoredFiles, holdUploads, idOf, row, uniquePhoto } from './uploads';

/** Writes a photo without an EXIF date to disk, with this modification time; returns its path. */
async function writePhoto(name: string, modified: Date): Promise<string> {
  const folder = test.info().outputPath('files');
  await mkdir(folder, { recursive: true });
  const file = path.join(folder, name);
  await writeFile(file, (await uniquePhoto(name)).buffer);
  await utimes(file, modified, modified);
  return file;
}

/** Uploads a file from disk and waits until its photo is ready; returns the photo's id. */
async function uploadFile(page: Page, file: string): Promise<string> {
  await page.getByLabel('Upload', { exact: true }).setInputFiles(file);
  const id = await idOf(page, path.basename(file));
  await expect(tile(page, id)).toHaveAttribute('data-state', 'ready');
  return id;
}

/** The value of a term in a photo's information panel. */
function fact(page: Page, name: string): Locator {
  return page.locator('dl.facts > dt').filter({ hasText: new RegExp(`^${name}$`) }).locator('+ dd');
}

test('a date in the file name wins over a later modification time', async ({ newWindow, cleo }) => {
  const page = await newWindow(cleo);
  await openTimeline(page);
  const copied = new Date('2021-05-06T07:08:09Z');
  const id = await uploadFile(page, await writePhoto('Screenshot_2015-08-23-01-22-44.jpg', copied));
  await page.goto(`/photos/${id}`);
  await expect(fact(page, 'Date from the file name')).toHaveText('Sunday, 23 August 2015, 01:22');
  await expect(fact(page, 'Taken')).toHaveCount(0);

  await openTimeline(page);
  const day = await uploadFile(page, await writePhoto('IMG-20190407-WA0003.jpg', copied));
  await page.goto(`/photos/${day}`);
  await expect(fact(page, 'Date from the file name')).toHaveText('Sunday, 7 April 2019');
});

test('the modification time is used in the local time zone, even after a reload', async ({ newWindow, cleo }) => {
  const page = await newWindow(cleo, { timezoneId: 'America/New_York' });
  await openTimeline(page);
  const uploads = await holdUploads(page);
  // Still 30 June in New York, at summer time.
  const file = await writePhoto('beach.jpg', new Date('2016-07-01T02:30:00Z'));
  await page.getByLabel('Upload', { exact: true }).setInputFiles(file);
  await uploads.held;
  await row(page, 'beach.jpg').getByRole('button', { name: /Pause/ }).click();
  await expectStoredFiles(page, 1);
  await uploads.release();
  await page.reload();
  await row(page, 'beach.jpg').getByRole('button', { name: /Resume/ }).click();
  const id = await idOf(page, 'beach.jpg');
  await expect(tile(page, id)).toHaveAttribute('data-state', 'ready');
  await page.goto(`/photos/${id}`);
  await expect(fact(page, 'File date')).toHaveText('Thursday, 30 June 2016, 22:30 UTC−4');
  await expect(fact(page, 'File date').locator('time')).toHaveAttribute('datetime', '2016-06-30T22:30:00-04:00');
});

test('a photo without any date shows its upload time', async ({ newWindow, cleo }) => {
  const page = await newWindow(cleo, { timezoneId: 'Asia/Tokyo' });
  await openTimeline(page);
  const id = await uploadFile(page, await writePhoto('never-set.jpg', new Date('1980-01-01T00:00:00+09:00')));
  await page.goto(`/photos/${id}`);
  await expect(fact(page, 'Uploaded')).toHaveText(/UTC\+9$/);
});

test('browsers in time zones a day apart show the same days', async ({ newWindow, cleo }) => {
  const east = await newWindow(cleo, { timezoneId: 'Pacific/Kiritimati' });
  const west = await newWindow(cleo, { timezoneId: 'Pacific/Midway' });
  await openTimeline(east);
  const copied = new Date('2021-05-06T07:08:09Z');
  // The last and the first minute of a month.
  const last = await uploadFile(east, await writePhoto('Screenshot_2015-08-31-23-59-44.jpg', copied));
  const first = await uploadFile(east, await writePhoto('Screenshot_2015-08-01-00-00-44.jpg', copied));
  for (const page of [east, west]) {
    await openTimeline(page);
    await expect(page.locator('.lines .day')).toHaveText(['31 August 2015', '1 August 2015']);
    // A low viewport, so that the timeline shows a scrubber.
    await page.setViewportSize({ width: 600, height: 60 });
    await expect(page.getByRole('slider', { name: 'Date' })).toHaveAttribute('aria-valuetext', 'August 2015');
    await page.goto(`/photos/${last}`);
    await expect(fact(page, 'Date from the file name')).toHaveText('Monday, 31 August 2015, 23:59');
    await page.goto(`/photos/${first}`);
    await expect(fact(page, 'Date from the file name')).toHaveText('Saturday, 1 August 2015, 00:00');
  }
});
