import { type Locator, type Page, expect } from '@playwright/test';
import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import type { Photo } from './api';

/** Valid photos with their size after EXIF orientation, and invalid files; described in the README there. */
export const FOLDER = path.resolve(import.meta.dirname, '../../server/tests/photos');
export const PHOTOGRAPHS = {
  'dandelions.jpg': { width: 5312, height: 2988 },
  'sunset.jpg': { width: 4272, height: 2848 },
  'dogs.jpg': { width: 2048, height: 3088 },
  'mountains.jpg': { width: 3264, height: 2448 },
  'fig.jpg': { width: 2572, height: 1740 },
  'stream.webp': { width: 1800, height: 1198 },
  'cat.png': { width: 451, height: 300 },
  'cup.png': { width: 600, height: 400 },
};

/** The same photos, at most 960 pixels wide: encoding an AVIF of the large ones takes seconds. */
export const SMALL_PHOTOGRAPHS = Object.entries(PHOTOGRAPHS).map(([name, { width }]) => (width > 960 ? `small/${name}` : name));

/** Opens the timeline and waits until its WebSocket is connected. */
export async function openTimeline(page: Page): Promise<void> {
  await page.goto('/');
  await expectLive(page);
}

export async function expectLive(page: Page): Promise<void> {
  await expect(page.locator('[data-live]')).toHaveAttribute('data-live', 'on');
}

/** Holds the page's requests to these URLs; returns a function that releases them. */
export async function holdRequests(page: Page, ...addresses: string[]): Promise<() => void> {
  let release = (): void => {};
  const held = new Promise<void>((resolve) => (release = resolve));
  for (const address of addresses) {
    await page.route(address, async (route) => {
      await held;
      await route.continue();
    });
  }
  return release;
}

/** Holds calls of these server functions under `photos/`. */
export function holdCalls(page: Page, ...functions: string[]): Promise<() => void> {
  return holdRequests(page, ...functions.map((name) => `**/api/photos/${name}`));
}

/** Holds the WebAssembly, so that pages do not hydrate until it is released. */
export function holdWasm(page: Page): Promise<() => void> {
  return holdRequests(page, '**/*.wasm');
}

const TYPES: Record<string, string> = {
  '.jpg': 'image/jpeg',
  '.png': 'image/png',
  '.webp': 'image/webp',
  '.gif': 'image/gif',
  '.avif': 'image/avif',
  '.heic': 'image/heic',
  '.tif': 'image/tiff',
  '.md': 'text/markdown',
};

/** Makes the bytes of a picture unique, because libraries deduplicate: a comment in a JPEG, trailing bytes in others. */
function withUniqueBytes(file: string, bytes: Buffer): Buffer {
  const text = Buffer.from(randomUUID());
  if (path.extname(file) !== '.jpg') return Buffer.concat([bytes, text]);
  const comment = Buffer.from([0xff, 0xfe, 0, text.length + 2]);
  return Buffer.concat([bytes.subarray(0, 2), comment, text, bytes.subarray(2)]);
}

/** Chooses fixture files for upload; returns their bytes. Valid photos get unique bytes, invalid files stay as they are. */
export async function choose(page: Page, ...files: string[]): Promise<Buffer[]> {
  const chosen = files.map(async (file) => {
    const bytes = await readFile(path.join(FOLDER, file));
    const buffer = file in PHOTOGRAPHS || SMALL_PHOTOGRAPHS.includes(file) ? withUniqueBytes(file, bytes) : bytes;
    return { name: path.basename(file), mimeType: TYPES[path.extname(file)]!, buffer };
  });
  const payloads = await Promise.all(chosen);
  await page.getByLabel('Upload', { exact: true }).setInputFiles(payloads);
  return payloads.map((payload) => payload.buffer);
}

/** Uploads files that get a grant; returns their photo ids in the order of the files. */
export async function upload(page: Page, ...files: string[]): Promise<string[]> {
  const granted = grantedIds(page, ...files);
  await choose(page, ...files);
  return granted;
}

/** Waits for grants for these files; returns the photo ids in the order of the files. */
export function grantedIds(page: Page, ...files: string[]): Promise<string[]> {
  return Promise.all(
    files.map(async (file) => {
      const granted = await page.waitForResponse((response) => {
        if (!response.url().endsWith('/api/photos/grant')) return false;
        return response.request().postDataJSON().wanted.name === path.basename(file);
      });
      const { photo }: { photo: Photo } = await granted.json();
      return photo.id;
    }),
  );
}

/** Uploads files and waits until all are ready; returns their photo ids. */
export async function uploadReady(page: Page, ...files: string[]): Promise<string[]> {
  const ids = await upload(page, ...files);
  for (const id of ids) await expect(tile(page, id)).toHaveAttribute('data-state', 'ready', { timeout: 300_000 });
  return ids;
}

/** The tile of a photo. */
export function tile(page: Page, id: string): Locator {
  return page.locator(`li.tile[data-photo="${id}"]`);
}

/** The tile of a file that has no photo yet. */
export function fileTile(page: Page, file: string): Locator {
  return page.locator(`li.tile[data-file="${file}"]`);
}

/** Waits until the picture of a tile is loaded; returns the picture. */
export async function loadedPicture(page: Page, id: string): Promise<Locator> {
  const picture = tile(page, id).getByRole('img');
  await picture.scrollIntoViewIfNeeded();
  await expect.poll(() => picture.evaluate((img: HTMLImageElement) => img.complete && img.naturalWidth > 0)).toBe(true);
  return picture;
}

type Seen = Record<string, string[]>;

/** Records every state of every tile until the next page load. */
export async function recordStates(page: Page): Promise<void> {
  await page.evaluate(() => {
    const seen: Seen = {};
    const record = (): void => {
      for (const tile of document.querySelectorAll<HTMLElement>('li.tile[data-photo]')) {
        const states = (seen[tile.dataset.photo!] ??= []);
        if (states.at(-1) !== tile.dataset.state) states.push(tile.dataset.state!);
      }
    };
    new MutationObserver(record).observe(document, { subtree: true, childList: true, attributes: true });
    (window as Window & { seen?: Seen }).seen = seen;
  });
}

/** The recorded states of a photo. */
export function recordedStates(page: Page, id: string): Promise<string[]> {
  return page.evaluate((id) => (window as Window & { seen?: Seen }).seen?.[id] ?? [], id);
}

/** Waits until the pictures in or above the viewport are loaded. */
export async function waitForPictures(page: Page): Promise<void> {
  await expect
    .poll(() =>
      page.evaluate(() =>
        [...document.images]
          .filter((img) => img.getBoundingClientRect().top < window.innerHeight)
          .every((img) => img.complete && img.naturalWidth > 0),
      ),
    )
    .toBe(true);
}
