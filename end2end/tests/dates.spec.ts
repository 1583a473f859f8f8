import { type Locator, type Page } from '@playwright/test';
import { mkdir, utimes, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { expect, test } from './fixtures';
import { openTimeline, tile } from './table';
import { expectStoredFiles, holdUploads, idOf, row, uniquePhoto } from './travel';

/** A photograph without a date of its own on the disk, last written to at a moment. */
async function onDisk(name: string, written: Date): Promise<string> {
  const folder = test.info().outputPath('files');
  await mkdir(folder, { recursive: true });
  const file = path.join(folder, name);
  await writeFile(file, (await uniquePhoto(name)).buffer);
  await utimes(file, written, written);
  return file;
}

/** Uploads a file of the disk; answers with its photo's identifier, once it is ready. */
async function uploaded(page: Page, file: string): Promise<string> {
  await page.getByLabel('Upload', { exact: true }).setInputFiles(file);
  const id = await idOf(page, path.basename(file));
  await expect(tile(page, id)).toHaveAttribute('data-state', 'ready');
  return id;
}

/** What the panel of a photo says under a word. */
function fact(page: Page, name: string): Locator {
  return page.locator('dl.facts > dt').filter({ hasText: new RegExp(`^${name}$`) }).locator('+ dd');
}

test('a photo without a date gets that of its name, if its file was written to later', async ({ newWindow, cleo }) => {
  const page = await newWindow(cleo);
  await openTimeline(page);
  const copied = new Date('2021-05-06T07:08:09Z');
  const id = await uploaded(page, await onDisk('Screenshot_2015-08-23-01-22-44.jpg', copied));
  await page.goto(`/photos/${id}`);
  await expect(fact(page, 'Date from the file name')).toHaveText('Sunday, 23 August 2015, 01:22');
  await expect(fact(page, 'Taken')).toHaveCount(0);

  await openTimeline(page);
  const day = await uploaded(page, await onDisk('IMG-20190407-WA0003.jpg', copied));
  await page.goto(`/photos/${day}`);
  await expect(fact(page, 'Date from the file name')).toHaveText('Sunday, 7 April 2019');
});

test('a photo without a date gets that of its file, by the clock of the place, even after the window was closed', async ({ newWindow, cleo }) => {
  const page = await newWindow(cleo, { timezoneId: 'America/New_York' });
  await openTimeline(page);
  const uploads = await holdUploads(page);
  // In New York it is still 30 June, in summer.
  const file = await onDisk('beach.jpg', new Date('2016-07-01T02:30:00Z'));
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

test('a photo of which nothing tells the date says when it was uploaded', async ({ newWindow, cleo }) => {
  const page = await newWindow(cleo, { timezoneId: 'Asia/Tokyo' });
  await openTimeline(page);
  const id = await uploaded(page, await onDisk('never-set.jpg', new Date('1980-01-01T00:00:00+09:00')));
  await page.goto(`/photos/${id}`);
  await expect(fact(page, 'Uploaded')).toHaveText(/UTC\+9$/);
});

test('windows at both ends of the world show the same days', async ({ newWindow, cleo }) => {
  const east = await newWindow(cleo, { timezoneId: 'Pacific/Kiritimati' });
  const west = await newWindow(cleo, { timezoneId: 'Pacific/Midway' });
  await openTimeline(east);
  const copied = new Date('2021-05-06T07:08:09Z');
  // A minute from another month, on either side.
  const last = await uploaded(east, await onDisk('Screenshot_2015-08-31-23-59-44.jpg', copied));
  const first = await uploaded(east, await onDisk('Screenshot_2015-08-01-00-00-44.jpg', copied));
  for (const page of [east, west]) {
    await openTimeline(page);
    await expect(page.locator('.lines .day')).toHaveText(['31 August 2015', '1 August 2015']);
    // So low that the table is worth a scrubber.
    await page.setViewportSize({ width: 600, height: 60 });
    await expect(page.getByRole('slider', { name: 'Date' })).toHaveAttribute('aria-valuetext', 'August 2015');
    await page.goto(`/photos/${last}`);
    await expect(fact(page, 'Date from the file name')).toHaveText('Monday, 31 August 2015, 23:59');
    await page.goto(`/photos/${first}`);
    await expect(fact(page, 'Date from the file name')).toHaveText('Saturday, 1 August 2015, 00:00');
  }
});
