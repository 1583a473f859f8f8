import { randomUUID } from 'node:crypto';
import { call, photo, renditionLink, signUp } from './api';
import { newcomer } from './people';
import { expect, test } from './fixtures';
import { signInWithForm } from './forms';
import { openTimeline, uploadReady } from './timeline';
import { stage } from './stage';

test("another account's photo is indistinguishable from one that does not exist", { tag: '@accounts' }, async ({ newWindow, cleo, request, errors }) => {
  const page = await newWindow(cleo);
  await openTimeline(page);
  const [hers] = (await uploadReady(page, 'cat.png')) as [string];
  const missing = randomUUID();
  const ben = newcomer('Ben');
  await signUp(request, ben);
  const bens = await newWindow(ben);

  for (const name of ['photos/photo', 'photos/announce', 'photos/give_up']) {
    const [one, other] = [await call(bens.request, name, { id: hers }), await call(bens.request, name, { id: missing })];
    expect([one.status(), await one.text()], name).toEqual([other.status(), await other.text()]);
    expect(await one.text(), name).toContain('not_found');
  }
  errors.allow(404, '/photos/');
  const texts: string[] = [];
  for (const id of [hers, missing]) {
    const response = await bens.goto(`/photos/${id}`);
    expect(response?.status()).toBe(404);
    await expect(bens.getByRole('alert')).toHaveText(/don’t have access to it/);
    texts.push(`${await bens.title()} ${await bens.getByRole('main').innerText()}`);
  }
  expect(texts[0]).toBe(texts[1]);
  await openTimeline(bens);
  await expect(bens.getByRole('listitem')).toHaveCount(0);
  expect((await photo(page.request, hers)).state.is, 'the photo is unchanged').toBe('ready');
});

test('a rendition needs its signed URL and the media cookie', async ({ newWindow, cleo, playwright }) => {
  const page = await newWindow(cleo);
  await openTimeline(page);
  const [id] = (await uploadReady(page, 'cat.png')) as [string];
  const link = await renditionLink(page.request, id);
  expect((await page.request.get(link)).status()).toBe(200);

  const nobody = await playwright.request.newContext({ baseURL: stage.address });
  expect((await nobody.get(link)).status(), 'without the cookie').toBe(403);
  await nobody.dispose();
  const wrong = {
    'without its signature': link.split('?')[0]!,
    'of another photo': link.replace(id, randomUUID()),
    'with another expiry': link.replace(/e=\d+/, (end) => `e=${Number(end.slice(2)) + 86_400}`),
    'with another signature': link.replace(/s=.{4}/, 's=AAAA'),
    'of an original': link.replace('/media/', '/originals/'),
  };
  for (const [which, address] of Object.entries(wrong)) {
    expect((await page.request.get(address)).status(), which).toBeGreaterThanOrEqual(400);
  }
  const cookie = (await page.context().cookies()).find(({ name }) => name === '__Host-media')!;
  const minutes = (cookie.expires - Date.now() / 1000) / 60;
  expect(minutes, 'the cookie lasts at most ten minutes').toBeLessThanOrEqual(10);
});

test('pages and server functions require sign-in', async ({ page, request }) => {
  for (const address of ['/', '/account', `/photos/${randomUUID()}`]) {
    await page.goto(address);
    await expect(page).toHaveURL(/\/sign-in(\?to=|$)/);
  }
  const functions = {
    'photos/timeline': { start: 'newest' },
    'photos/photo': { id: randomUUID() },
    'photos/grant': { wanted: { name: 'a.jpg', kind: 'image/jpeg', bytes: 1, sha256: Buffer.alloc(32).toString('base64') } },
    'photos/announce': { id: randomUUID() },
    'photos/give_up': { id: randomUUID() },
    'live/ticket': {},
    'live/missed': { after: 0 },
  };
  for (const [name, body] of Object.entries(functions)) {
    expect(await (await call(request, name, body)).text(), name).toContain('sign_in_first');
  }
});

test('signing in returns to the requested page, and never to another site', async ({ newWindow, cleo, errors }) => {
  const uploader = await newWindow(cleo);
  await openTimeline(uploader);
  const [id] = (await uploadReady(uploader, 'cat.png')) as [string];

  const page = await newWindow();
  errors.forbidInUrls(cleo.password);
  await page.goto(`/photos/${id}`);
  await signInWithForm(page, cleo);
  await expect(page).toHaveURL(`/photos/${id}`);
  await expect(page.getByRole('heading', { name: 'cat.png' })).toBeVisible();

  for (const to of ['//example.org', '/\\example.org', 'https://example.org/', 'javascript:alert(1)']) {
    const elsewhere = await newWindow();
    await elsewhere.goto(`/sign-in?to=${encodeURIComponent(to)}`);
    await signInWithForm(elsewhere, cleo);
    await expect(elsewhere).toHaveURL('/');
    await elsewhere.context().close();
  }
});
