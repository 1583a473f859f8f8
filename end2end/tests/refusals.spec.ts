import { call, photo } from './api';
import { expect, test } from './fixtures';
import { choose, fileTile, grantedIds, openTimeline, tile, upload } from './timeline';

test('tiles of invalid files show why, and valid files are processed', async ({ newWindow, cleo }) => {
  const [page, other] = [await newWindow(cleo), await newWindow(cleo)];
  await openTimeline(page);
  await openTimeline(other);
  const invalid = {
    'bad/text.jpg': /isn’t a photo/,
    'bad/truncated.jpg': /damaged/,
    'bad/bomb.png': /50,000 × 50,000 pixels/,
    'bad/bomb.jpg': /50,000 × 50,000 pixels/,
  };
  const files = [...Object.keys(invalid), 'dogs.jpg', 'cat.png'];
  const granted = grantedIds(page, ...files);
  await choose(page, ...files, 'bad/empty.jpg');
  await expect(fileTile(page, 'empty.jpg')).toHaveText(/This file is empty/);
  await expect(fileTile(page, 'empty.jpg')).toHaveAttribute('data-state', 'refused');
  await page.getByRole('button', { name: /Dismiss empty\.jpg/ }).click();
  await expect(fileTile(page, 'empty.jpg')).toBeHidden();

  const ids = await granted;
  for (const [at, message] of Object.values(invalid).entries()) {
    for (const window of [page, other]) {
      await expect(tile(window, ids[at]!)).toHaveAttribute('data-state', 'refused');
      await expect(tile(window, ids[at]!)).toHaveText(message);
    }
  }
  for (const id of ids.slice(-2)) await expect(tile(other, id)).toHaveAttribute('data-state', 'ready');

  await page.goto(`/photos/${ids[0]}`);
  await expect(page.getByRole('listitem').filter({ hasText: 'Failed. This file isn’t a photo' })).toBeVisible();
});

test('a checksum mismatch refuses the photo, and other uploads continue', async ({ newWindow, cleo, errors }) => {
  const page = await newWindow(cleo);
  await openTimeline(page);
  errors.allow(400, '/originals/');
  const granted = grantedIds(page, 'fig.jpg', 'cat.png');
  await page.route(/\/originals\//, async (route) => {
    const [fig] = (await granted) as [string, string];
    const changed = Buffer.from((await chosen)[0]!);
    changed[changed.length >> 1]! ^= 1;
    await (route.request().url().includes(fig) ? route.continue({ postData: changed }) : route.continue());
  });
  const chosen = choose(page, 'fig.jpg', 'cat.png');
  const [fig, cat] = (await granted) as [string, string];
  await expect(tile(page, fig)).toHaveText(/changed during the upload/);
  await expect(tile(page, fig)).toHaveAttribute('data-state', 'refused');
  await expect.poll(async () => (await photo(page.request, fig)).state.is).toBe('refused');
  await expect(tile(page, cat)).toHaveAttribute('data-state', 'ready');
});

test('a photo without an uploaded original cannot be announced', async ({ newWindow, cleo }) => {
  const page = await newWindow(cleo);
  const wanted = { name: 'late.jpg', kind: 'image/jpeg', bytes: 1, sha256: Buffer.alloc(32).toString('base64') };
  const granted = (await (await call(page.request, 'photos/grant', { wanted })).json()) as { photo: { id: string } };
  const announced = await call(page.request, 'photos/announce', { id: granted.photo.id });
  expect(await announced.text()).toContain('not_there_yet');
  expect((await photo(page.request, granted.photo.id)).state.is).toBe('expected');
});

test('an upload with an expired presigned URL reports it', async ({ newWindow, cleo, errors }) => {
  const page = await newWindow(cleo);
  await openTimeline(page);
  errors.allow(403, '/originals/');
  // Backdates the presigned URL: S3 checks the expiry before the signature.
  await page.route(/\/originals\//, async (route) => {
    const address = new URL(route.request().url());
    const yesterday = new Date(Date.now() - 86_400_000).toISOString();
    address.searchParams.set('X-Amz-Date', yesterday.replace(/[-:]|\.\d+/g, ''));
    await route.continue({ url: address.href });
  });
  const [id] = (await upload(page, 'cat.png')) as [string];
  await expect(tile(page, id)).toHaveText(/permission to upload has expired/);
  expect((await photo(page.request, id)).state, 'it can still be uploaded').toEqual({ is: 'expected' });
});

test('files that the form rejects request no grant', async ({ newWindow, cleo }) => {
  const page = await newWindow(cleo);
  await openTimeline(page);
  const requested: string[] = [];
  page.on('request', (request) => {
    if (request.url().endsWith('/api/photos/grant')) requested.push(request.postData() ?? '');
  });
  await choose(page, 'bad/empty.jpg', 'README.md');
  await expect(fileTile(page, 'empty.jpg')).toHaveText(/This file is empty/);
  await expect(fileTile(page, 'README.md')).toHaveText(/Unsupported file type. Use JPEG, HEIC, PNG/);
  expect(requested).toEqual([]);
});
