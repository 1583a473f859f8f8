import { type APIRequestContext, type Locator, type Page, type Route, expect, test } from '@playwright/test';
import { createHash, randomBytes, randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { type Photo, call, photo } from './api';
import { stage } from './stage';
import { FOLDER } from './timeline';

/** A file that a test chooses for upload. */
export interface Chosen {
  name: string;
  mimeType: string;
  buffer: Buffer;
}

/** A photo with the checksums that prove that it is the chosen file. */
export interface LibraryPhoto extends Photo {
  sha256: string;
  receipt?: { sha256: string; store?: string };
}

/** A JPEG with unique bytes and at least this size: decoders ignore bytes after the end of the image. */
export async function uniquePhoto(name: string, atLeast = 0): Promise<Chosen> {
  const picture = await readFile(path.join(FOLDER, 'small/fig.jpg'));
  const rest = randomBytes(Math.max(16, atLeast - picture.length));
  return { name, mimeType: 'image/jpeg', buffer: Buffer.concat([picture, rest]) };
}

/** Small JPEGs, each with unique bytes. */
export async function uniqueSmallPhotos(page: Page, count: number): Promise<Chosen[]> {
  const drawn = await page.evaluate(() => {
    const canvas = document.createElement('canvas');
    [canvas.width, canvas.height] = [320, 240];
    const pen = canvas.getContext('2d')!;
    pen.fillStyle = 'teal';
    pen.fillRect(20, 20, 200, 150);
    return canvas.toDataURL('image/jpeg').split(',')[1]!;
  });
  const picture = Buffer.from(drawn, 'base64');
  return Array.from({ length: count }, (_, at) => ({
    name: `snapshot-${at}.jpg`,
    mimeType: 'image/jpeg',
    buffer: Buffer.concat([picture, Buffer.from(randomUUID())]),
  }));
}

export function sha256(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('base64');
}

/** Chooses files with the upload button. */
export async function chooseFiles(page: Page, ...files: Chosen[]): Promise<void> {
  await page.getByLabel('Upload', { exact: true }).setInputFiles(files);
}

/** All photos of the signed-in account's library. */
export async function library(request: APIRequestContext): Promise<LibraryPhoto[]> {
  const photos: LibraryPhoto[] = [];
  let before: string | null = null;
  do {
    const response = await call(request, 'photos/timeline', { start: before ? { behind: before } : 'newest' });
    const page: { photos: LibraryPhoto[]; older: string | null } = await response.json();
    photos.push(...page.photos);
    before = page.older;
  } while (before);
  return photos;
}

/** Waits until each file is exactly one ready photo with the chosen bytes. The bench reads the annotations. */
export async function expectArrived(request: APIRequestContext, files: Chosen[], timeout = 300_000): Promise<LibraryPhoto[]> {
  const count = (type: string): unknown => test.info().annotations.push({ type, description: String(files.length) });
  count('chosen');
  const hashes = files.map((file) => sha256(file.buffer));
  const arrived = async (): Promise<LibraryPhoto[]> => (await library(request)).filter((photo) => hashes.includes(photo.sha256));
  await expect
    .poll(async () => (await arrived()).filter((photo) => photo.state.is === 'ready').length, { timeout })
    .toBe(files.length);
  const photos = await arrived();
  expect(photos.map((photo) => photo.sha256).sort(), 'each exactly once').toEqual(hashes.sort());
  for (const { id } of photos) {
    const { sha256: announced, receipt } = (await photo(request, id)) as LibraryPhoto;
    expect(receipt?.sha256, 'checksum of the stored bytes').toBe(announced);
  }
  count('arrived');
  return photos;
}

/** Waits for the photo of a file; returns its id. */
export async function idOf(page: Page, name: string): Promise<string> {
  const found = async (): Promise<string | undefined> => (await library(page.request)).find((photo) => photo.name === name)?.id;
  await expect.poll(found).toBeDefined();
  return (await found())!;
}

/** The panel that lists uploads. */
export function panel(page: Page): Locator {
  return page.getByRole('region', { name: 'Uploads' });
}

/** A file's row in the upload panel. */
export function row(page: Page, name: string): Locator {
  return panel(page).locator(`li[data-upload="${name}"]`);
}

/** The number of files in the browser's IndexedDB; 0 while the database does not exist. */
export function storedFiles(page: Page): Promise<number> {
  const count = page.evaluate(
    () =>
      new Promise<number>((done, fail) => {
        const opening = indexedDB.open('shoebox-uploads', 1);
        opening.onerror = () => fail(opening.error);
        opening.onupgradeneeded = () => opening.transaction!.abort();
        opening.onsuccess = () => {
          const counting = opening.result.transaction('files').objectStore('files').count();
          counting.onsuccess = () => {
            opening.result.close();
            done(counting.result);
          };
        };
      }),
  );
  return count.catch(() => 0);
}

/** Waits until IndexedDB holds `count` files. */
export async function expectStoredFiles(page: Page, count: number): Promise<void> {
  await expect.poll(() => storedFiles(page)).toBe(count);
}

/** Records successful PUTs of originals: path and part number. */
export function recordPuts(page: Page): string[] {
  const puts: string[] = [];
  page.on('response', (response) => {
    const address = new URL(response.url());
    const isPut = response.request().method() === 'PUT' && address.pathname.includes('/originals/');
    if (isPut && response.ok()) puts.push(`${address.pathname}#${address.searchParams.get('partNumber') ?? 'whole'}`);
  });
  return puts;
}

/** Fulfils a request to S3 with a status, with the CORS header that S3 sends. */
export async function answerWith(route: Route, status: number): Promise<void> {
  const headers = { 'Access-Control-Allow-Origin': stage.address };
  await route.fulfill({ status, headers, contentType: 'application/xml', body: '<Error><Code>Injected</Code></Error>' });
}

/** Applies a fault to the next `times` PUTs after the first `after`; returns a function that counts the faults so far. */
export async function injectFault(page: Page, times: number, fault: (route: Route) => Promise<void>, after = 0): Promise<() => number> {
  let [seen, injected] = [0, 0];
  await page.route(/\/originals\//, async (route) => {
    if (route.request().method() !== 'PUT' || seen++ < after || injected >= times) return route.continue();
    injected += 1;
    await fault(route);
  });
  return () => injected;
}

/** Holds PUTs of originals after the first `after` until they are released. */
export async function holdUploads(page: Page, after = 0): Promise<{ held: Promise<void>; release: () => Promise<void> }> {
  let seen = 0;
  let resolveHeld = (): void => {};
  let resolveReleased = (): void => {};
  const held = new Promise<void>((resolve) => (resolveHeld = resolve));
  const released = new Promise<void>((resolve) => (resolveReleased = resolve));
  await page.route(/\/originals\//, async (route) => {
    if (route.request().method() === 'PUT' && seen++ >= after) {
      resolveHeld();
      await released;
    }
    // Continuing fails if the page was closed in the meantime.
    await route.continue().catch(() => {});
  });
  return {
    held,
    release: async () => {
      resolveReleased();
      await page.unroute(/\/originals\//).catch(() => {});
    },
  };
}
