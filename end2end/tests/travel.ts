import { type APIRequestContext, type Locator, type Page, type Route, expect, test } from '@playwright/test';
import { createHash, randomBytes, randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { type Photo, ask, photo } from './api';
import { stage } from './stage';
import { FOLDER } from './table';

/** A file as a test chooses it. */
export interface Chosen {
  name: string;
  mimeType: string;
  buffer: Buffer;
}

/** A photo with what proves that it is the file that was chosen. */
export interface Proved extends Photo {
  sha256: string;
  receipt?: { sha256: string; store?: string };
}

/** A photograph in bytes that no library has, of at least this size: what lies behind a JPEG's end belongs to no picture. */
export async function photograph(name: string, atLeast = 0): Promise<Chosen> {
  const picture = await readFile(path.join(FOLDER, 'small/fig.jpg'));
  const rest = randomBytes(Math.max(16, atLeast - picture.length));
  return { name, mimeType: 'image/jpeg', buffer: Buffer.concat([picture, rest]) };
}

/** Many small JPEGs, each in bytes of its own. */
export async function snapshots(page: Page, count: number): Promise<Chosen[]> {
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

/** Chooses files by the button. */
export async function chooseFiles(page: Page, ...files: Chosen[]): Promise<void> {
  await page.getByLabel('Upload', { exact: true }).setInputFiles(files);
}

/** Everything in somebody's library. */
export async function library(request: APIRequestContext): Promise<Proved[]> {
  const photos: Proved[] = [];
  let before: string | null = null;
  do {
    const page: { photos: Proved[]; older: string | null } = await (await ask(request, 'photos/timeline', { start: before ? { behind: before } : 'newest' })).json();
    photos.push(...page.photos);
    before = page.older;
  } while (before);
  return photos;
}

/** Waits until each file is a photo: once, ready, and in the very bytes that were chosen. The bench counts what was chosen and what came. */
export async function expectArrived(request: APIRequestContext, files: Chosen[], timeout = 300_000): Promise<Proved[]> {
  const count = (type: string): unknown => test.info().annotations.push({ type, description: String(files.length) });
  count('chosen');
  const hashes = files.map((file) => sha256(file.buffer));
  const arrived = async (): Promise<Proved[]> => (await library(request)).filter((photo) => hashes.includes(photo.sha256));
  await expect
    .poll(async () => (await arrived()).filter((photo) => photo.state.is === 'ready').length, { timeout })
    .toBe(files.length);
  const photos = await arrived();
  expect(photos.map((photo) => photo.sha256).sort(), 'each once').toEqual(hashes.sort());
  for (const { id } of photos) {
    const { sha256: announced, receipt } = (await photo(request, id)) as Proved;
    expect(receipt?.sha256, 'read whole on arrival').toBe(announced);
  }
  count('arrived');
  return photos;
}

/** The photo of a file, once it is expected. */
export async function idOf(page: Page, name: string): Promise<string> {
  const found = async (): Promise<string | undefined> => (await library(page.request)).find((photo) => photo.name === name)?.id;
  await expect.poll(found).toBeDefined();
  return (await found())!;
}

/** The panel of what is on its way. */
export function panel(page: Page): Locator {
  return page.getByRole('region', { name: 'Uploads' });
}

/** A file's row in the panel. */
export function row(page: Page, name: string): Locator {
  return panel(page).locator(`li[data-upload="${name}"]`);
}

/** How many files are kept in the browser. There is no database before the first is. */
export function kept(page: Page): Promise<number> {
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

/** Waits until so many files are kept. */
export async function expectKept(page: Page, count: number): Promise<void> {
  await expect.poll(() => kept(page)).toBe(count);
}

/** What the store was asked to take: by its address, without what signs it. */
export function puts(page: Page): string[] {
  const seen: string[] = [];
  page.on('response', (response) => {
    const address = new URL(response.url());
    const isPut = response.request().method() === 'PUT' && address.pathname.includes('/originals/');
    if (isPut && response.ok()) seen.push(`${address.pathname}#${address.searchParams.get('partNumber') ?? 'whole'}`);
  });
  return seen;
}

/** Answers with a status in the store's stead, as a browser may read it. */
export async function answerWith(route: Route, status: number): Promise<void> {
  const headers = { 'Access-Control-Allow-Origin': stage.address };
  await route.fulfill({ status, headers, contentType: 'application/xml', body: '<Error><Code>Played</Code></Error>' });
}

/** Does something else with so many files or parts than to let them through, after letting some. */
export async function playFault(page: Page, times: number, fault: (route: Route) => Promise<void>, after = 0): Promise<() => number> {
  let [seen, played] = [0, 0];
  await page.route(/\/originals\//, async (route) => {
    if (route.request().method() !== 'PUT' || seen++ < after || played >= times) return route.continue();
    played += 1;
    await fault(route);
  });
  return () => played;
}

/** Holds what travels until it is let go. */
export async function hold(page: Page, after = 0): Promise<{ held: Promise<void>; letGo: () => Promise<void> }> {
  let seen = 0;
  let tell = (): void => {};
  let open = (): void => {};
  const held = new Promise<void>((resolve) => (tell = resolve));
  const opened = new Promise<void>((resolve) => (open = resolve));
  await page.route(/\/originals\//, async (route) => {
    if (route.request().method() === 'PUT' && seen++ >= after) {
      tell();
      await opened;
    }
    // A window that was closed meanwhile sends nothing.
    await route.continue().catch(() => {});
  });
  return {
    held,
    letGo: async () => {
      open();
      await page.unroute(/\/originals\//).catch(() => {});
    },
  };
}
