import { type Locator, type Page, expect } from '@playwright/test';
import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import type { Photo } from './api';

/** Photographs that become photos, with the size people see; and files that do not. Their README tells more. */
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

/** The same, none larger than 960 pixels: for where it does not matter how large they are, as an AVIF of the others takes seconds. */
export const SMALL_PHOTOGRAPHS = Object.entries(PHOTOGRAPHS).map(([name, { width }]) => (width > 960 ? `small/${name}` : name));

/** Opens the light table and waits until changes arrive by themselves. */
export async function openTable(page: Page): Promise<void> {
  await page.goto('/');
  await expectLive(page);
}

export async function expectLive(page: Page): Promise<void> {
  await expect(page.locator('[data-live]')).toHaveAttribute('data-live', 'on');
}

/** Holds back what the page asks of these addresses, until what it answers with is called. */
export async function holdRequests(page: Page, ...addresses: string[]): Promise<() => void> {
  let goOn = (): void => {};
  const held = new Promise<void>((resolve) => (goOn = resolve));
  for (const address of addresses) {
    await page.route(address, async (route) => {
      await held;
      await route.continue();
    });
  }
  return goOn;
}

/** The same of these functions for photos. */
export function holdCalls(page: Page, ...functions: string[]): Promise<() => void> {
  return holdRequests(page, ...functions.map((name) => `**/api/photos/${name}`));
}

/** The same of the page's WebAssembly. */
export function asleep(page: Page): Promise<() => void> {
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

/** The same picture in other bytes, as a library keeps the same bytes once: a JPEG with a comment, others with some behind their end. */
function another(file: string, bytes: Buffer): Buffer {
  const text = Buffer.from(randomUUID());
  if (path.extname(file) !== '.jpg') return Buffer.concat([bytes, text]);
  const comment = Buffer.from([0xff, 0xfe, 0, text.length + 2]);
  return Buffer.concat([bytes.subarray(0, 2), comment, text, bytes.subarray(2)]);
}

/** Chooses files of the fixtures' folder for upload; answers with their bytes. What is bad about a bad one stays as it is. */
export async function choose(page: Page, ...files: string[]): Promise<Buffer[]> {
  const chosen = files.map(async (file) => {
    const bytes = await readFile(path.join(FOLDER, file));
    const buffer = file in PHOTOGRAPHS || SMALL_PHOTOGRAPHS.includes(file) ? another(file, bytes) : bytes;
    return { name: path.basename(file), mimeType: TYPES[path.extname(file)]!, buffer };
  });
  const payloads = await Promise.all(chosen);
  await page.getByLabel('Upload', { exact: true }).setInputFiles(payloads);
  return payloads.map((payload) => payload.buffer);
}

/** Uploads files that a grant is given for; answers with their photos' identifiers, in the files' order. */
export async function upload(page: Page, ...files: string[]): Promise<string[]> {
  const granted = grants(page, ...files);
  await choose(page, ...files);
  return granted;
}

/** The identifiers of photos that are granted from now on, in the files' order. */
export function grants(page: Page, ...files: string[]): Promise<string[]> {
  return Promise.all(
    files.map(async (file) => {
      const answer = await page.waitForResponse((response) => {
        if (!response.url().endsWith('/api/photos/grant')) return false;
        return response.request().postDataJSON().wanted.name === path.basename(file);
      });
      const { photo }: { photo: Photo } = await answer.json();
      return photo.id;
    }),
  );
}

/** Uploads files and waits until all of them can be looked at. */
export async function uploadReady(page: Page, ...files: string[]): Promise<string[]> {
  const ids = await upload(page, ...files);
  for (const id of ids) await expect(tile(page, id)).toHaveAttribute('data-state', 'ready', { timeout: 300_000 });
  return ids;
}

/** The tile of a photo. */
export function tile(page: Page, id: string): Locator {
  return page.locator(`li.tile[data-photo="${id}"]`);
}

/** The tile of a file that has not become a photo. */
export function fileTile(page: Page, file: string): Locator {
  return page.locator(`li.tile[data-file="${file}"]`);
}

/** Waits until a tile shows its picture; answers with the picture. */
export async function shown(page: Page, id: string): Promise<Locator> {
  const picture = tile(page, id).getByRole('img');
  await picture.scrollIntoViewIfNeeded();
  await expect.poll(() => picture.evaluate((img: HTMLImageElement) => img.complete && img.naturalWidth > 0)).toBe(true);
  return picture;
}

type Seen = Record<string, string[]>;

/** From now on notes every state that tiles go through. A reload would forget it all. */
export async function noteStates(page: Page): Promise<void> {
  await page.evaluate(() => {
    const seen: Seen = {};
    const note = (): void => {
      for (const tile of document.querySelectorAll<HTMLElement>('li.tile[data-photo]')) {
        const states = (seen[tile.dataset.photo!] ??= []);
        if (states.at(-1) !== tile.dataset.state) states.push(tile.dataset.state!);
      }
    };
    new MutationObserver(note).observe(document, { subtree: true, childList: true, attributes: true });
    (window as Window & { seen?: Seen }).seen = seen;
  });
}

/** The states of a photo that were noted. */
export function notedStates(page: Page, id: string): Promise<string[]> {
  return page.evaluate((id) => (window as Window & { seen?: Seen }).seen?.[id] ?? [], id);
}

/** Waits for the pictures that stand in the window. */
export async function allPictures(page: Page): Promise<void> {
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
