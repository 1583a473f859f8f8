import { type Locator, type Page } from '@playwright/test';
import { randomUUID } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { photo } from './api';
import { expectNoViolations } from './axe';
import { expect, test } from './fixtures';
import { signInWithForm } from './forms';
import { FOLDER, expectLive, fileTile, loadedPicture, openTimeline, tile } from './timeline';
import {
  type Chosen,
  chooseFiles,
  expectArrived,
  expectStoredFiles,
  holdUploads,
  idOf,
  library,
  panel,
  recordPuts,
  row,
  sha256,
  uniquePhoto,
  uniqueSmallPhotos,
} from './uploads';

test('folders are chosen and dropped, and files that are no photos are ignored', async ({ newWindow, cleo }) => {
  const page = await newWindow(cleo);
  await openTimeline(page);
  const [chosen, dropped] = [test.info().outputPath('chosen'), test.info().outputPath('dropped')];
  const photos: Chosen[] = [];
  for (const folder of [chosen, dropped]) {
    await mkdir(path.join(folder, 'day 1'), { recursive: true });
    await writeFile(path.join(folder, 'notes.txt'), 'not a photo');
    for (const name of ['evening.jpg', 'day 1/morning.jpg', 'day 1/scan 0007']) {
      const file = await uniquePhoto(name);
      await writeFile(path.join(folder, name), file.buffer);
      photos.push(file);
    }
  }
  await page.getByLabel('Folder', { exact: true }).setInputFiles(chosen);
  await drop(page, dropped);
  await expectArrived(page.request, photos);
  await expect(page.locator('[data-file="notes.txt"]')).toHaveCount(0);
});

test('a folder that cannot be listed completely is reported, and the files that were listed are uploaded', async ({ newWindow, cleo }) => {
  const page = await newWindow(cleo);
  // As if a disk were unplugged: `readEntries` fails after its first result.
  await page.addInitScript(() => {
    const asEntry = DataTransferItem.prototype.webkitGetAsEntry;
    DataTransferItem.prototype.webkitGetAsEntry = function () {
      const folder = asEntry.call(this) as FileSystemDirectoryEntry;
      const createReader = folder.createReader.bind(folder);
      folder.createReader = () => {
        const reader = createReader();
        const read = reader.readEntries.bind(reader);
        let calls = 0;
        reader.readEntries = (resolve, reject) => {
          if (calls++ === 0) read(resolve, reject);
          else setTimeout(() => reject?.(new DOMException('gone', 'NotFoundError')));
        };
        return reader;
      };
      return folder;
    };
  });
  await openTimeline(page);
  const folder = test.info().outputPath('unplugged');
  await mkdir(folder, { recursive: true });
  const file = await uniquePhoto('evening.jpg');
  await writeFile(path.join(folder, file.name), file.buffer);
  await drop(page, folder);
  await expectArrived(page.request, [file]);
  await expect(panel(page)).toContainText('One photo uploaded, one folder couldn’t be read completely');
  await expect(panel(page).getByRole('listitem').filter({ hasText: /^unplugged/ })).toContainText('This folder couldn’t be read completely.');
  await expectNoViolations(page);
  await panel(page).getByRole('button', { name: 'Close', exact: true }).click();
  await expect(panel(page)).toBeHidden();
});

/** In a page: IndexedDB is unavailable, as in some private windows. */
function refuseDatabases(): void {
  IDBFactory.prototype.open = () => {
    throw new DOMException('denied', 'SecurityError');
  };
}

/** In a page: writes to IndexedDB are aborted, as on a full disk. */
function refuseWrites(): void {
  const put = IDBObjectStore.prototype.put;
  IDBObjectStore.prototype.put = function (...args) {
    const request = put.apply(this, args);
    this.transaction.abort();
    return request;
  };
}

/** Expects a `beforeunload` dialog when the page is closed, and keeps it open. */
async function expectBeforeUnloadDialog(page: Page): Promise<void> {
  const shown = page.waitForEvent('dialog');
  await page.close({ runBeforeUnload: true });
  const dialog = await shown;
  expect(dialog.type()).toBe('beforeunload');
  await dialog.dismiss();
}

test('without IndexedDB uploads work, and closing the page asks for confirmation', async ({ newWindow, cleo }) => {
  for (const refuse of [refuseDatabases, refuseWrites]) {
    const page = await newWindow(cleo);
    await page.addInitScript(refuse);
    await openTimeline(page);
    const uploads = await holdUploads(page);
    const files = [await uniquePhoto('private.jpg'), await uniquePhoto('private-in-parts.jpg', 20 << 20)];
    await chooseFiles(page, ...files);
    await uploads.held;
    // With IndexedDB, closing the page would not lose paused files.
    await panel(page).getByRole('button', { name: 'Pause all' }).click();
    for (const { name } of files) await expect(row(page, name)).toHaveText(/Paused/);
    await expectBeforeUnloadDialog(page);
    await uploads.release();
    await panel(page).getByRole('button', { name: 'Resume all' }).click();
    await expectArrived(page.request, files);
    await expect(panel(page)).toContainText('2 photos uploaded');
    await page.reload();
    await expectLive(page);
    await page.context().close();
  }
});

test('photos are uploaded from a phone’s camera and from the clipboard', async ({ newWindow, cleo }) => {
  const phone = await newWindow(cleo, { isMobile: true, hasTouch: true, viewport: { width: 390, height: 844 } });
  await openTimeline(phone);
  await expect(phone.getByText('Camera', { exact: true })).toBeVisible();
  const taken = await uniquePhoto('taken.jpg');
  await phone.getByLabel('Camera', { exact: true }).setInputFiles(taken);
  await expectArrived(phone.request, [taken]);

  const page = await newWindow(cleo);
  await openTimeline(page);
  await page.evaluate(async () => {
    const canvas = document.createElement('canvas');
    canvas.getContext('2d')!.fillRect(5, 5, 20, 10);
    const picture = await new Promise<Blob>((done) => canvas.toBlob((blob) => done(blob!), 'image/png'));
    const clipboardData = new DataTransfer();
    clipboardData.items.add(new File([picture], 'pasted.png', { type: 'image/png' }));
    document.body.dispatchEvent(new ClipboardEvent('paste', { clipboardData, bubbles: true, cancelable: true }));
  });
  await expect(tile(page, await idOf(page, 'pasted.png'))).toHaveAttribute('data-state', 'ready');
});

/** Posts files to the share target, as a phone's share sheet does and as any web page can. */
async function share(page: Page, ...files: Chosen[]): Promise<void> {
  const sent = files.map(({ name, mimeType, buffer }) => ({ name, mimeType, bytes: [...buffer] }));
  await page.evaluate(async (sent) => {
    const registration = await navigator.serviceWorker.register('/assets/share.js');
    while (!registration.active) await new Promise((resolve) => setTimeout(resolve, 50));
    const form = document.createElement('form');
    Object.assign(form, { action: '/assets/share', method: 'post', enctype: 'multipart/form-data' });
    const input = document.createElement('input');
    Object.assign(input, { type: 'file', name: 'photos' });
    const transfer = new DataTransfer();
    for (const { name, mimeType, bytes } of sent) transfer.items.add(new File([new Uint8Array(bytes)], name, { type: mimeType }));
    input.files = transfer.files;
    form.append(input);
    document.body.append(form);
    setTimeout(() => form.submit());
  }, sent);
}

/** The checksums of everything in the library. */
async function hashes(page: Page): Promise<string[]> {
  return (await library(page.request)).map((photo) => photo.sha256);
}

/** The prompt about shared files. */
function sharePrompt(page: Page): Locator {
  return panel(page).getByRole('group', { name: 'Shared with Shoebox' });
}

test('shared files are uploaded only after confirmation', async ({ newWindow, cleo }) => {
  const page = await newWindow(cleo);
  await openTimeline(page);
  const [shared, chosen] = await uniqueSmallPhotos(page, 2);
  await share(page, shared!);
  await expect(page).toHaveURL(/\?shared/);
  const prompt = sharePrompt(page);
  await expect(prompt).toContainText('One photo was shared with Shoebox. Upload it?');
  await expect(prompt.getByRole('listitem')).toHaveText([shared!.name]);
  await expectNoViolations(page);
  // Shared files would be uploaded before this one if they needed no confirmation.
  await chooseFiles(page, chosen!);
  await expectArrived(page.request, [chosen!]);
  expect(await hashes(page)).not.toContain(sha256(shared!.buffer));

  await prompt.getByRole('button', { name: 'Upload', exact: true }).click();
  await expect(prompt).toBeHidden();
  await expectArrived(page.request, [shared!]);
});

test('files shared while signed out are not uploaded by the next sign-in', async ({ newWindow, cleo }) => {
  const page = await newWindow(cleo);
  await openTimeline(page);
  const shared = await uniqueSmallPhotos(page, 7);
  await page.getByRole('button', { name: 'Sign out' }).click();
  await expect(page).toHaveURL(/\/sign-in/);
  await share(page, ...shared);
  await page.waitForURL((address) => address.pathname === '/sign-in' && decodeURIComponent(address.search).includes('?shared'));
  await signInWithForm(page, cleo);
  await expectLive(page);
  const prompt = sharePrompt(page);
  await expect(prompt).toContainText('7 photos were shared with Shoebox. Upload them?');
  await expect(prompt).toContainText('and 2 more');
  await prompt.getByRole('button', { name: 'Discard' }).click();
  await expect(panel(page)).toBeHidden();
  await page.reload();
  await expectLive(page);
  await expect(panel(page)).toBeHidden();
  const uploaded = await hashes(page);
  expect(shared.filter((file) => uploaded.includes(sha256(file.buffer)))).toEqual([]);
});

test('uploads are paused, resumed and cancelled', async ({ newWindow, cleo }) => {
  const page = await newWindow(cleo);
  await openTimeline(page);
  const uploads = await holdUploads(page);
  const [resumed, cancelled] = [await uniquePhoto('stays.jpg'), await uniquePhoto('goes.jpg')];
  await chooseFiles(page, resumed, cancelled);
  await uploads.held;
  await row(page, resumed.name).getByRole('button', { name: /Pause/ }).click();
  await expect(row(page, resumed.name)).toHaveText(/Paused/);
  await expectNoViolations(page);
  await row(page, cancelled.name).getByRole('button', { name: /Cancel/ }).click();
  await expect(row(page, cancelled.name)).toBeHidden();
  await uploads.release();
  await expectStoredFiles(page, 1);
  await page.reload();
  await expect(row(page, resumed.name)).toHaveText(/Paused/);
  await row(page, resumed.name).getByRole('button', { name: /Resume/ }).click();
  await expectArrived(page.request, [resumed]);
  const names = async (): Promise<string[]> => (await library(page.request)).map((photo) => photo.name);
  await expect.poll(names, 'the cancelled photo is gone').not.toContain(cancelled.name);
});

test('other pages show the preview of a pending upload, and closing the page asks for confirmation', async ({ newWindow, cleo }) => {
  const [page, other] = [await newWindow(cleo), await newWindow(cleo)];
  await openTimeline(page);
  await openTimeline(other);
  const uploads = await holdUploads(page);
  const file = await uniquePhoto('early.jpg');
  await chooseFiles(page, file);
  await uploads.held;
  const id = await idOf(page, file.name);
  for (const window of [page, other]) {
    const preview = tile(window, id).locator('img.below');
    await expect(preview).toHaveAttribute('src', /\/media\//);
    await expect.poll(() => preview.evaluate((img: HTMLImageElement) => img.complete && img.naturalWidth)).toBe(320);
    await expect(tile(window, id)).toHaveAttribute('data-state', 'expected');
  }

  await tile(page, id).getByRole('button').click();
  const history = page.getByRole('region', { name: 'Upload status' });
  await expect(history.getByRole('listitem')).toHaveText([/Upload started/]);
  await page.keyboard.press('Escape');
  await expect(history).toBeHidden();

  await expectBeforeUnloadDialog(page);
  await uploads.release();
  await expectArrived(page.request, [file]);
  await loadedPicture(other, id);
});

test('a picture that is too large to decode gets no preview, and its tile says so', async ({ newWindow, cleo }) => {
  const page = await newWindow(cleo);
  await openTimeline(page);
  const uploads = await holdUploads(page);
  const buffer = await readFile(path.join(FOLDER, 'bad/bomb.png'));
  await chooseFiles(page, { name: 'bomb.png', mimeType: 'image/png', buffer });
  await uploads.held;
  const id = await idOf(page, 'bomb.png');
  await expect(tile(page, id)).toHaveText(/Your browser can’t preview this file/);
  await uploads.release();
  await expect(tile(page, id)).toHaveAttribute('data-state', 'refused');
});

test('a worker that crashes while it decodes a preview is restarted, and the file is uploaded without a preview', async ({ newWindow, cleo, errors }) => {
  errors.allowText(/memory/);
  const page = await newWindow(cleo);
  await page.route('**/assets/reader.js', async (route) => {
    const source = await (await route.fetch()).text();
    // As if out of memory: the worker fails without an answer.
    const crash = 'function crash() { setTimeout(() => { throw new Error("memory"); }); return new Promise(() => {}); }';
    const body = `${source.replace('createImageBitmap(', 'crash(')}\n${crash}\n`;
    await route.fulfill({ body, contentType: 'text/javascript' });
  });
  await openTimeline(page);
  const file = await uniquePhoto('heavy.jpg');
  await chooseFiles(page, file);
  await expectArrived(page.request, [file]);
});

test('two pages do not upload the same file', async ({ newWindow, cleo }) => {
  const page = await newWindow(cleo);
  await openTimeline(page);
  const uploads = await holdUploads(page);
  const file = await uniquePhoto('mine.jpg');
  await chooseFiles(page, file);
  await uploads.held;
  await expectStoredFiles(page, 1);
  const other = await page.context().newPage();
  const sent = recordPuts(other);
  await openTimeline(other);
  await expect(panel(other)).toBeHidden();
  await uploads.release();
  await expectArrived(page.request, [file]);
  expect(sent).toEqual([]);
});

test('a refused photo offers another choice, and can be removed', async ({ newWindow, cleo }) => {
  const page = await newWindow(cleo);
  await openTimeline(page);
  await chooseFiles(page, { name: 'no-photo.jpg', mimeType: 'image/jpeg', buffer: Buffer.from(`no photo ${Math.random()}`) });
  const id = await idOf(page, 'no-photo.jpg');
  await expect(tile(page, id)).toHaveAttribute('data-state', 'refused');
  await tile(page, id).getByRole('button').click();
  const history = page.getByRole('region', { name: 'Upload status' });
  await expect(history.getByRole('button', { name: 'Choose again' })).toBeVisible();
  await history.getByRole('button', { name: 'Remove' }).click();
  await expect(tile(page, id)).toBeHidden();
  expect((await photo(page.request, id)).state.is).toBe('refused');
});

test('a file that is already in the library shows its picture and links to the photo', async ({ newWindow, cleo }) => {
  const page = await newWindow(cleo);
  await openTimeline(page);
  const file = await uniquePhoto('first.jpg');
  await chooseFiles(page, file);
  const [stored] = await expectArrived(page.request, [file]);
  await chooseFiles(page, { ...file, name: 'again.jpg' });
  const duplicate = fileTile(page, 'again.jpg');
  await expect(duplicate).toHaveAttribute('data-state', 'known');
  const picture = duplicate.locator('img.below');
  await expect(picture).toHaveAttribute('src', /\/media\//);
  await expect.poll(() => picture.evaluate((img: HTMLImageElement) => img.complete && img.naturalWidth)).toBe(320);
  await duplicate.getByRole('link', { name: 'View' }).click();
  await expect(page).toHaveURL(`/photos/${stored!.id}`);
});

test('signing out leaves no files in the browser', async ({ newWindow, cleo }) => {
  const page = await newWindow(cleo);
  await openTimeline(page);
  const uploads = await holdUploads(page);
  const file = await uniquePhoto('private.jpg');
  await chooseFiles(page, file);
  await uploads.held;
  await row(page, file.name).getByRole('button', { name: /Pause/ }).click();
  await expectStoredFiles(page, 1);
  const messages: string[] = [];
  page.once('dialog', async (dialog) => {
    messages.push(dialog.message());
    await dialog.dismiss();
  });
  await page.getByRole('button', { name: 'Sign out' }).click();
  await expectStoredFiles(page, 1);
  page.once('dialog', (dialog) => dialog.accept());
  await page.getByRole('button', { name: 'Sign out' }).click();
  await expect(page).toHaveURL(/\/sign-in$/);
  expect(messages).toEqual([expect.stringContaining('isn’t uploaded yet')]);
  const databases = async (): Promise<unknown> => page.evaluate(() => indexedDB.databases());
  await expect.poll(databases).toEqual([]);
  // Only now: the page would request a photo that arrives during the sign-out.
  await uploads.release();
});

test('the receipt of a photo confirms its checksum', async ({ newWindow, cleo }) => {
  const page = await newWindow(cleo);
  await openTimeline(page);
  const file = await uniquePhoto('receipt.jpg');
  await chooseFiles(page, file);
  const [stored] = await expectArrived(page.request, [file]);
  await expectIntact(page, stored!.id, sha256(file.buffer));
});

/** Drops files and folders from disk on the page with trusted drag events. */
async function drop(page: Page, ...files: string[]): Promise<void> {
  const session = await page.context().newCDPSession(page);
  const data = { items: [], files, dragOperationsMask: 1 };
  // The drop is on another element than the last move: the browser fires `dragenter` for it, and no `dragover`.
  const button = (await page.locator('.upload.folder label').boundingBox())!;
  const over = { x: button.x + button.width / 2, y: button.y + button.height / 2 };
  await session.send('Input.dispatchDragEvent', { type: 'dragEnter', x: 400, y: 400, data });
  await session.send('Input.dispatchDragEvent', { type: 'drop', ...over, data });
  await session.detach();
}

/** Expects the photo page to show that the original is intact, and its checksum. */
async function expectIntact(page: Page, id: string, hash: string): Promise<void> {
  await page.goto(`/photos/${id}`);
  await expect(page.getByText(/^Identical to the file on your device/)).toBeVisible();
  await page.getByText('Checksum (SHA-256)').click();
  await expect(page.getByRole('group').locator('code', { hasText: hash }).first()).toBeVisible();
}

test('the type of a file is read from its bytes, and its name is kept', async ({ newWindow, cleo }) => {
  const page = await newWindow(cleo);
  await openTimeline(page);
  const name = `${'long '.repeat(50)}name.png`;
  const files = [
    { file: 'cat.png', name: 'without extension', mimeType: '' },
    { file: 'cup.png', name: 'ends with dot.png.', mimeType: 'application/octet-stream' },
    { file: 'cat.png', name, mimeType: 'text/plain' },
  ];
  for (const { file, name, mimeType } of files) {
    const granted = page.waitForResponse(/\/api\/photos\/grant$/);
    const buffer = Buffer.concat([await readFile(path.join(FOLDER, file)), Buffer.from(randomUUID())]);
    await page.getByLabel('Upload', { exact: true }).setInputFiles([{ name, mimeType, buffer }]);
    const { photo } = await (await granted).json();
    await expect(tile(page, photo.id), name).toHaveAttribute('data-state', 'ready');
    expect(photo.name.endsWith(name.slice(-4)), photo.name).toBe(true);
  }
  await page.getByLabel('Upload', { exact: true }).setInputFiles([{ name: 'notes.png.txt', mimeType: 'text/plain', buffer: Buffer.from('no photo') }]);
  await expect(fileTile(page, 'notes.png.txt')).toContainText('Unsupported file type');
});

test('a file that is refused after its upload is not counted as uploaded, and files can be dropped on any page', async ({ newWindow, cleo }) => {
  const page = await newWindow(cleo);
  await page.goto('/favourites');
  await expectLive(page);
  const dropped = await page.evaluateHandle(() => {
    const files = new DataTransfer();
    files.items.add(new File(['no photo at all'], 'renamed.jpg', { type: 'image/jpeg' }));
    return files;
  });
  await page.getByRole('main').dispatchEvent('drop', { dataTransfer: dropped });
  await expect(panel(page)).toContainText('One file couldn’t be uploaded');
  await expect(panel(page)).not.toContainText('uploaded,');
});
