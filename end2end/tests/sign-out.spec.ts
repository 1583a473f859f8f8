import { call, renditionLink } from './api';
import { expect, test } from './fixtures';
import { holdRequests, loadedPicture, openTimeline, uploadReady } from './table';

test('after signing out neither page nor rendition serves', async ({ newWindow, cleo, errors }) => {
  const page = await newWindow(cleo);
  const second = await page.context().newPage();
  await openTimeline(page);
  const [id] = (await uploadReady(page, 'cat.png')) as [string];
  await loadedPicture(page, id);
  const link = await renditionLink(page.request, id);
  const before = await page.context().cookies();
  // Once its socket is open it asks how the photo is now; after that it asks for nothing by itself.
  const caughtUp = second.waitForResponse((response) => response.url().endsWith('/api/photos/photo'));
  await second.goto(`/photos/${id}`);
  await expect(second.getByRole('heading', { name: 'cat.png' })).toBeVisible();
  await caughtUp;

  // The end of the session closes the other window's socket, and no ticket opens it another.
  errors.allow(401, '/api/live/ticket');
  await page.getByRole('button', { name: 'Sign out' }).click();
  await expect(page).toHaveURL(/\/sign-in$/);
  await expect(second).toHaveURL(/\/sign-in/);
  const left = (await page.context().cookies()).map(({ name }) => name);
  const stays = ['width', '__Host-device'];
  expect(left.filter((name) => !stays.includes(name)), 'nothing but how wide the window is, and that it is known').toEqual([]);
  expect((await page.request.get(link)).status()).toBe(403);
  errors.allow(403, '/media/');
  const loads = page.evaluate(async (link) => {
    const picture = new Image();
    picture.src = link;
    return picture.decode().then(
      () => true,
      () => false,
    );
  }, link);
  expect(await loads, 'not even from the cache').toBe(false);
  for (const address of ['/', `/photos/${id}`, '/account']) {
    await page.goto(address);
    await expect(page).toHaveURL(/\/sign-in(\?to=|$)/);
  }
  const ticket = await call(page.request, 'live/ticket');
  expect(ticket.status()).toBe(401);
  expect(await ticket.text()).toContain('sign_in_first');
  await second.goto(`/photos/${id}`);
  await expect(second).toHaveURL(/\/sign-in\?to=%2Fphotos/);

  // Whoever kept the old session's cookie has nothing of it.
  const thief = await newWindow();
  await thief.context().addCookies(before.filter(({ name }) => name === '__Host-session'));
  await thief.goto('/');
  await expect(thief).toHaveURL(/\/sign-in$/);
});

test('going back after signing out shows no photos', async ({ newWindow, cleo }) => {
  const page = await newWindow(cleo);
  await openTimeline(page);
  const [id] = (await uploadReady(page, 'cat.png')) as [string];
  await loadedPicture(page, id);
  await page.getByRole('button', { name: 'Sign out' }).click();
  await expect(page).toHaveURL(/\/sign-in$/);
  await page.goBack();
  await expect(page).toHaveURL(/\/sign-in$/);
  await expect(page.getByRole('img')).toHaveCount(0);
});

test('a slow sign-out is waited for, and nothing is asked for meanwhile', async ({ newWindow, cleo }) => {
  const page = await newWindow(cleo);
  // Pauses of a few seconds are none.
  await page.addInitScript(() => {
    const { setTimeout } = window;
    const sooner = (work: TimerHandler, after = 0): number => setTimeout(work, after < 5_000 ? 0 : after);
    window.setTimeout = sooner as typeof setTimeout;
  });
  const opened = page.waitForEvent('websocket');
  await openTimeline(page);
  const closed = (await opened).waitForEvent('close');
  let tickets = 0;
  page.on('request', (request) => (tickets += Number(request.url().endsWith('/api/live/ticket'))));
  await page.route('**/api/accounts/sign_out', async (route) => {
    const response = await route.fetch({ maxRedirects: 0 });
    await closed;
    // What the closed socket makes the page ask for would be asked for by now.
    await page.request.get('/sign-in');
    await route.fulfill({ response });
  });
  await page.getByRole('button', { name: 'Sign out' }).click();
  await expect(page).toHaveURL(/\/sign-in$/);
  expect(tickets).toBe(0);
});

test('what was asked before a sign-out does not cut it off', async ({ newWindow, cleo, errors }) => {
  errors.allow(401, '/api/live/ticket');
  const page = await newWindow(cleo);
  const ended = await holdRequests(page, '**/api/live/ticket');
  const asked = page.waitForRequest('**/api/live/ticket');
  await page.goto('/');
  await asked;
  const refused = page.waitForResponse('**/api/live/ticket');
  await page.route('**/api/accounts/sign_out', async (route) => {
    const response = await route.fetch({ maxRedirects: 0 });
    ended();
    await refused;
    // A page that is loaded anew for that would be on its way by now.
    await page.request.get('/sign-in');
    await route.fulfill({ response });
  });
  const answered = page.waitForEvent('requestfinished', (request) => request.url().endsWith('/api/accounts/sign_out'));
  await page.getByRole('button', { name: 'Sign out' }).click();
  await answered;
  await expect(page).toHaveURL(/\/sign-in$/);
});
