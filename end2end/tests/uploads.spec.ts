import { type Page } from '@playwright/test';
import { createHash, randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { photo } from './api';
import { expect, test } from './fixtures';
import { FOLDER, fileTile, openTable, shown, tile, upload, uploadReady } from './table';

const PART = 8 << 20;

/** A real photo with as many comments as make it travel in three parts. */
async function large(): Promise<Buffer> {
  const bytes = await readFile(path.join(FOLDER, 'dogs.jpg'));
  const comment = Buffer.concat([Buffer.from([0xff, 0xfe, 0xff, 0xff]), Buffer.from(randomUUID().padEnd(0xfffd, '.'))]);
  const comments = Array.from({ length: Math.ceil((2 * PART) / comment.length) }, () => comment);
  return Buffer.concat([bytes.subarray(0, 2), ...comments, bytes.subarray(2)]);
}

function sha256(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('base64');
}

async function choose(page: Page, name: string, buffer: Buffer): Promise<string> {
  const granted = page.waitForResponse(/\/api\/photos\/grant$/);
  await page.getByLabel('Upload', { exact: true }).setInputFiles({ name, mimeType: 'image/jpeg', buffer });
  return (await (await granted).json()).photo.id;
}

/** What the receipt says on the photo's page. */
async function expectIntact(page: Page, id: string, bytes: Buffer): Promise<void> {
  await page.goto(`/photos/${id}`);
  await expect(page.getByText(/^Every byte arrived as it left your device/)).toBeVisible();
  await page.getByText('Checksum (SHA-256)').click();
  await expect(page.getByRole('group').locator('code', { hasText: sha256(bytes) }).first()).toBeVisible();
  expect((await photo(page.request, id)).receipt?.sha256).toBe(sha256(bytes));
}

/** The parts that a window sends from now on, by their numbers. */
function sentParts(page: Page): string[] {
  const sent: string[] = [];
  page.on('request', (request) => {
    if (request.method() === 'PUT') sent.push(new URL(request.url()).searchParams.get('partNumber')!);
  });
  return sent;
}

test('a large photo travels in parts, through faults of the store and of the connection', async ({ newWindow, cleo, troubles }) => {
  const page = await newWindow(cleo);
  await openTable(page);
  troubles.allow(503, '/originals/');
  troubles.allow(403, '/originals/');
  troubles.allowText(/net::ERR_CONNECTION_RESET/);
  const faults = [503, 'reset', 403];
  const sent = sentParts(page);
  await page.route(/\/originals\//, async (route) => {
    if (route.request().method() !== 'PUT') return route.continue();
    const fault = faults.shift();
    if (fault === 'reset') return route.abort('connectionreset');
    if (typeof fault === 'number') return route.fulfill({ status: fault, headers: { 'Access-Control-Allow-Origin': '*' } });
    return route.continue();
  });
  const bytes = await large();
  const id = await choose(page, 'dogs.jpg', bytes);
  await expect(tile(page, id)).toHaveAttribute('data-state', 'ready', { timeout: 90_000 });
  expect(sent).toEqual(['1', '1', '1', '1', '2', '3']);
  await expectIntact(page, id, bytes);
});

test('a large photo that was cut off goes on where it was, from another window', async ({ newWindow, cleo, troubles }) => {
  const page = await newWindow(cleo);
  await openTable(page);
  troubles.allow(403, '/originals/');
  const bytes = await large();
  let first = true;
  await page.route(/\/originals\//, async (route) => {
    if (route.request().method() !== 'PUT') return route.continue();
    const through = first;
    first = false;
    return through ? route.continue() : route.fulfill({ status: 403, headers: { 'Access-Control-Allow-Origin': '*' } });
  });
  const id = await choose(page, 'dogs.jpg', bytes);
  await expect(tile(page, id)).toHaveText(/permission to upload has ended/);
  await page.close();

  const other = await newWindow(cleo);
  await openTable(other);
  await expect(tile(other, id)).toHaveAttribute('data-state', 'expected');
  const sent = sentParts(other);
  expect(await choose(other, 'dogs.jpg', bytes)).toBe(id);
  await expect(tile(other, id)).toHaveAttribute('data-state', 'ready', { timeout: 90_000 });
  expect(sent).toEqual(['2', '3']);
  await expectIntact(other, id, bytes);
});

test('a file waits out a lost connection', async ({ newWindow, cleo, troubles }) => {
  const page = await newWindow(cleo);
  await openTable(page);
  troubles.allowText(/net::ERR_INTERNET_DISCONNECTED|WebSocket/);
  const bytes = await large();
  let [begin, goOn] = [(): void => undefined, (): void => undefined];
  const begun = new Promise<void>((done) => (begin = done));
  const offline = new Promise<void>((done) => (goOn = done));
  await page.route(/\/originals\/.*partNumber=2/, async (route) => {
    begin();
    await offline;
    await route.continue();
  });
  const id = choose(page, 'dogs.jpg', bytes);
  await begun;
  await page.context().setOffline(true);
  const failed = page.waitForEvent('requestfailed', (request) => request.url().includes('partNumber=2'));
  goOn();
  await failed;
  await page.context().setOffline(false);
  await expect(tile(page, await id)).toHaveAttribute('data-state', 'ready', { timeout: 90_000 });
  await expectIntact(page, await id, bytes);
});

test('what is there travels no second time, and leads to the photo', async ({ newWindow, cleo }) => {
  const page = await newWindow(cleo);
  await openTable(page);
  const bytes = Buffer.concat([await readFile(path.join(FOLDER, 'cat.png')), Buffer.from(randomUUID())]);
  const file = { name: 'cat.png', mimeType: 'image/png', buffer: bytes };
  const granted = page.waitForResponse(/\/api\/photos\/grant$/);
  const sent: string[] = [];
  page.on('request', (request) => {
    if (request.url().includes('/originals/')) sent.push(request.method());
  });
  await page.getByLabel('Upload', { exact: true }).setInputFiles([file, { ...file, name: 'twin.png' }]);
  const id = (await (await granted).json()).photo.id;
  await expect(tile(page, id)).toHaveAttribute('data-state', 'ready');
  await page.getByLabel('Upload', { exact: true }).setInputFiles({ ...file, name: 'copy.png' });
  await expect(fileTile(page, 'copy.png')).toHaveText(/Already in your library/);
  expect(sent.filter((method) => method === 'PUT')).toHaveLength(1);
  await fileTile(page, 'copy.png').getByRole('link', { name: 'Look at it' }).click();
  await expect(page).toHaveURL(`/photos/${id}`);
});

test('others see a photo while its bytes still travel', async ({ newWindow, cleo }) => {
  const [page, other] = [await newWindow(cleo), await newWindow(cleo)];
  await openTable(page);
  await openTable(other);
  let release = (): void => undefined;
  const held = new Promise<void>((done) => (release = done));
  await page.route(/\/originals\//, async (route) => {
    await held;
    await route.continue();
  });
  const [id] = (await upload(page, 'mountains.jpg')) as [string];
  for (const window of [page, other]) {
    const preview = tile(window, id).locator('img.below');
    await expect(preview).toHaveAttribute('src', /\/media\//);
    await expect.poll(() => preview.evaluate((img: HTMLImageElement) => img.complete && img.naturalWidth)).toBe(320);
    await expect(tile(window, id)).toHaveAttribute('data-state', 'expected');
  }
  release();
  await expect(tile(other, id)).toHaveAttribute('data-state', 'ready');
  await shown(other, id);
});

test('photos are pasted, and dropped in folders, without what lies beside them', async ({ newWindow, cleo }) => {
  const page = await newWindow(cleo);
  await openTable(page);
  const folder = test.info().outputPath('holiday');
  const { cp, mkdir, writeFile } = await import('node:fs/promises');
  await mkdir(path.join(folder, 'day 1'), { recursive: true });
  await cp(path.join(FOLDER, 'cat.png'), path.join(folder, 'cat.png'));
  await cp(path.join(FOLDER, 'cup.png'), path.join(folder, 'day 1/cup.png'));
  await writeFile(path.join(folder, 'notes.txt'), 'not a photo');
  await page.getByLabel('Folder', { exact: true }).setInputFiles(folder);
  await expect(page.locator('li.tile[data-state="ready"]')).toHaveCount(2, { timeout: 60_000 });
  await expect(fileTile(page, 'notes.txt')).toBeHidden();

  const granted = page.waitForResponse(/\/api\/photos\/grant$/);
  await page.evaluate(async () => {
    const canvas = document.createElement('canvas');
    canvas.getContext('2d')!.fillRect(5, 5, 20, 10);
    const picture = await new Promise<Blob>((done) => canvas.toBlob((blob) => done(blob!), 'image/png'));
    const clipboardData = new DataTransfer();
    clipboardData.items.add(new File([picture], 'pasted.png', { type: 'image/png' }));
    document.body.dispatchEvent(new ClipboardEvent('paste', { clipboardData, bubbles: true, cancelable: true }));
  });
  const { photo: pasted } = await (await granted).json();
  await expect(tile(page, pasted.id)).toHaveAttribute('data-state', 'ready');
});

test('the receipt of a photo says that it is whole', async ({ newWindow, cleo }) => {
  const page = await newWindow(cleo);
  await openTable(page);
  const [id] = (await uploadReady(page, 'fig.jpg')) as [string];
  await page.goto(`/photos/${id}`);
  await expect(page.getByText(/^Every byte arrived as it left your device/)).toBeVisible();
});
