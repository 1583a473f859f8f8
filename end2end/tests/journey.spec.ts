import { formats, photo, renditionLink } from './api';
import { expect, test } from './fixtures';
import {
  PHOTOGRAPHS,
  expectLive,
  loadedPicture,
  openTimeline,
  recordStates,
  recordedStates,
  tile,
  upload,
  uploadReady,
} from './timeline';

const STATES = ['expected', 'received', 'developing', 'ready'];

test('another page shows the states of an upload in order', async ({ newWindow, cleo }) => {
  const [one, other] = [await newWindow(cleo), await newWindow(cleo)];
  await openTimeline(one);
  await openTimeline(other);
  await recordStates(other);

  const [id] = (await upload(one, 'dogs.jpg')) as [string];
  await expect(tile(other, id)).toHaveAttribute('data-state', 'ready');
  await expect(tile(one, id)).toHaveAttribute('data-state', 'ready');
  const states = await recordedStates(other, id);
  expect(states).toContain('developing');
  expect(states.at(-1)).toBe('ready');
  expect(states, 'in order').toEqual(STATES.filter((state) => states.includes(state)));

  const picture = await loadedPicture(other, id);
  const [width, height] = await picture.evaluate((img: HTMLImageElement) => [img.naturalWidth, img.naturalHeight]);
  expect(height, 'EXIF orientation is applied').toBeGreaterThan(width!);
});

test('browsers get WebP, and clients that do not accept it get JPEG', async ({ newWindow, cleo }) => {
  const page = await newWindow(cleo);
  await openTimeline(page);
  // Generation 1, not the preview.
  const rendition = page.waitForResponse(/\/media\/.*\/1\//);
  const [id] = (await uploadReady(page, 'cat.png')) as [string];
  await loadedPicture(page, id);
  expect((await rendition).headers()['content-type']).toBe('image/webp');

  const link = await renditionLink(page.request, id);
  const plain = await page.request.get(link, { headers: { Accept: 'image/*,*/*;q=0.8' } });
  expect(plain.headers()['content-type']).toBe('image/jpeg');
  expect([...(await plain.body()).subarray(0, 3)]).toEqual([0xff, 0xd8, 0xff]);
});

test('a photo on screen is not fetched again when its AVIF is ready', async ({ newWindow, cleo }) => {
  const page = await newWindow(cleo);
  await openTimeline(page);
  const [id] = (await uploadReady(page, 'stream.webp')) as [string];
  const img = await loadedPicture(page, id);
  const before = await img.evaluate((img: HTMLImageElement) => img.currentSrc);
  await expect.poll(() => formats(page.request, id), { timeout: 300_000 }).toEqual(['avif', 'jpeg', 'webp']);
  // Events arrive in order: once another photo is ready, the page has received the event for the AVIF.
  await uploadReady(page, 'cat.png');
  expect(await img.evaluate((img: HTMLImageElement) => img.currentSrc)).toBe(before);
  const rendition = page.waitForResponse((response) => response.url().includes(`/media/${id}/`) && response.status() === 200);
  await page.reload();
  expect((await rendition).headers()['content-type']).toBe('image/avif');
});

/** One photo of each other supported format. */
const OTHERS = ['dogs.heic', 'dogs.avif', 'dogs.tif', 'cat.gif', 'cat.webp'];

test('photos of every format are shown, and animations play unless reduced motion is preferred', async ({ newWindow, cleo }) => {
  const page = await newWindow(cleo);
  await openTimeline(page);
  const ids = await uploadReady(page, ...OTHERS.map((name) => `formats/${name}`));
  for (const id of ids) await loadedPicture(page, id);
  const moving = ids[OTHERS.indexOf('cat.gif')]!;
  const animation = page.waitForResponse(/\/animated\?/);
  await page.goto(`/photos/${moving}`);
  expect((await animation).headers()['content-type']).toBe('image/webp');
  await page.emulateMedia({ reducedMotion: 'reduce' });
  const seen = page.locator('.stage img');
  await expect.poll(() => seen.evaluate((img: HTMLImageElement) => img.currentSrc)).not.toContain('/animated');
});

test('every valid fixture becomes ready with its size and all formats', async ({ newWindow, cleo }) => {
  const page = await newWindow(cleo);
  await openTimeline(page);
  const names = Object.keys(PHOTOGRAPHS) as (keyof typeof PHOTOGRAPHS)[];
  const ids = await uploadReady(page, ...names);
  for (const [at, name] of names.entries()) {
    const { size } = await photo(page.request, ids[at]!);
    expect(size, name).toEqual(PHOTOGRAPHS[name]);
    await expect.poll(() => formats(page.request, ids[at]!), { message: name, timeout: 300_000 }).toEqual(['avif', 'jpeg', 'webp']);
    await loadedPicture(page, ids[at]!);
  }
  // The background of the cup is transparent.
  const cup = await loadedPicture(page, ids[names.indexOf('cup.png')]!);
  const corner = await cup.evaluate((img: HTMLImageElement) => {
    const canvas = document.createElement('canvas');
    [canvas.width, canvas.height] = [img.naturalWidth, img.naturalHeight];
    const pen = canvas.getContext('2d')!;
    pen.drawImage(img, 0, 0, canvas.width, canvas.height);
    return pen.getImageData(1, 1, 1, 1).data[3];
  });
  expect(corner, 'alpha of the corner').toBe(0);
});

test('photos are there after a reload, and the photo page shows the history', async ({ newWindow, cleo }) => {
  const page = await newWindow(cleo);
  await openTimeline(page);
  const [older, newer] = (await uploadReady(page, 'stream.webp', 'mountains.jpg')) as [string, string];
  await page.reload();
  await expectLive(page);
  for (const id of [older, newer]) {
    await expect(tile(page, id)).toHaveAttribute('data-state', 'ready');
    await loadedPicture(page, id);
  }

  await tile(page, newer).getByRole('link').click();
  await expect(page).toHaveURL(`/photos/${newer}`);
  await expect(page.getByRole('heading', { name: 'mountains.jpg' })).toBeVisible();
  await expect(page.getByText('3,264 × 2,448')).toBeVisible();
  const large = page.getByRole('main').getByRole('img', { name: /mountains\.jpg/ });
  await expect.poll(() => large.evaluate((img: HTMLImageElement) => img.complete && img.naturalWidth)).toBeTruthy();
  const steps = page.getByRole('main').getByRole('list').getByRole('listitem');
  await expect(steps).toHaveText([
    /Upload started/,
    /Original received/,
    /Developing started/,
    /1 of 2 formats/,
    /2 of 2 formats/,
    /Ready/,
  ]);

  await page.keyboard.press('Escape');
  await expect(page).toHaveURL('/');
  await expect(tile(page, newer)).toHaveAttribute('data-state', 'ready');

  await page.goto(`/photos/${older}`);
  await expect(page.getByRole('heading', { name: 'stream.webp' })).toBeVisible();
});

test('a photo can be dropped anywhere on the page', async ({ newWindow, cleo }) => {
  const page = await newWindow(cleo);
  await openTimeline(page);
  const granted = page.waitForResponse(/\/api\/photos\/grant$/);
  const dropped = await page.evaluateHandle(async () => {
    const canvas = document.createElement('canvas');
    [canvas.width, canvas.height] = [300, 200];
    canvas.getContext('2d')!.fillRect(50, 50, 200, 100);
    const picture = await new Promise<Blob>((done) => canvas.toBlob((blob) => done(blob!), 'image/png'));
    const files = new DataTransfer();
    files.items.add(new File([picture], 'drawn.png', { type: 'image/png' }));
    return files;
  });
  await page.getByRole('main').dispatchEvent('dragover', { dataTransfer: dropped });
  await expect(page.getByText('Drop to upload')).toBeVisible();
  await page.getByRole('main').dispatchEvent('drop', { dataTransfer: dropped });
  const { photo } = await (await granted).json();
  await expect(tile(page, photo.id)).toHaveAttribute('data-state', 'ready');
});

test('a page catches up after its WebSocket reconnects', async ({ newWindow, cleo }) => {
  const [one, other] = [await newWindow(cleo), await newWindow(cleo)];
  const sockets: { close: () => void }[] = [];
  let down = false;
  await other.routeWebSocket(/ticket=/, (socket) => {
    if (down) {
      void socket.close();
      return;
    }
    socket.connectToServer();
    sockets.push({ close: () => void socket.close() });
  });
  await openTimeline(one);
  await openTimeline(other);
  down = true;
  sockets.forEach((socket) => socket.close());
  await expect(other.locator('[data-live]')).toHaveAttribute('data-live', 'off');

  const [id] = (await uploadReady(one, 'cat.png')) as [string];
  await expect(tile(other, id)).toBeHidden();
  down = false;
  await expectLive(other);
  await expect(tile(other, id)).toHaveAttribute('data-state', 'ready');
});
