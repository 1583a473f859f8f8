import { call, renditionLink } from './api';
import { expect, test } from './fixtures';
import { holdRequests, loadedPicture, openTimeline, uploadReady } from './timeline';

test('after signing out pages, renditions and tickets are refused', async ({ newWindow, cleo, errors }) => {
  const page = await newWindow(cleo);
  const second = await page.context().newPage();
  await openTimeline(page);
  const [id] = (await uploadReady(page, 'cat.png')) as [string];
  await loadedPicture(page, id);
  const link = await renditionLink(page.request, id);
  const before = await page.context().cookies();
  // The page requests the photo once its WebSocket is open, and nothing by itself after that.
  const caughtUp = second.waitForResponse((response) => response.url().endsWith('/api/photos/photo'));
  await second.goto(`/photos/${id}`);
  await expect(second.getByRole('heading', { name: 'cat.png' })).toBeVisible();
  await caughtUp;

  // The end of the session closes the other page's WebSocket, and its request for a new ticket is refused.
  errors.allow(401, '/api/live/ticket');
  await page.getByRole('button', { name: 'Sign out' }).click();
  await expect(page).toHaveURL(/\/sign-in$/);
  await expect(second).toHaveURL(/\/sign-in/);
  const left = (await page.context().cookies()).map(({ name }) => name);
  const kept = ['width', '__Host-device'];
  expect(left.filter((name) => !kept.includes(name)), 'only the viewport width and the known device').toEqual([]);
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

  // A copy of the session cookie no longer works.
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

test('no WebSocket ticket is requested while a sign-out is pending', async ({ newWindow, cleo }) => {
  const page = await newWindow(cleo);
  // Skips delays of less than five seconds.
  await page.addInitScript(() => {
    const { setTimeout } = window;
    const withoutDelay = (handler: TimerHandler, ms = 0): number => setTimeout(handler, ms < 5_000 ? 0 : ms);
    window.setTimeout = withoutDelay as typeof setTimeout;
  });
  const opened = page.waitForEvent('websocket');
  await openTimeline(page);
  const closed = (await opened).waitForEvent('close');
  let tickets = 0;
  page.on('request', (request) => (tickets += Number(request.url().endsWith('/api/live/ticket'))));
  await page.route('**/api/accounts/sign_out', async (route) => {
    const response = await route.fetch({ maxRedirects: 0 });
    await closed;
    // Time for any request that the closed WebSocket causes.
    await page.request.get('/sign-in');
    await route.fulfill({ response });
  });
  await page.getByRole('button', { name: 'Sign out' }).click();
  await expect(page).toHaveURL(/\/sign-in$/);
  expect(tickets).toBe(0);
});

test('a ticket that is refused during a sign-out does not abort it', async ({ newWindow, cleo, errors }) => {
  errors.allow(401, '/api/live/ticket');
  const page = await newWindow(cleo);
  const releaseTicket = await holdRequests(page, '**/api/live/ticket');
  const requested = page.waitForRequest('**/api/live/ticket');
  await page.goto('/');
  await requested;
  const refused = page.waitForResponse('**/api/live/ticket');
  await page.route('**/api/accounts/sign_out', async (route) => {
    const response = await route.fetch({ maxRedirects: 0 });
    releaseTicket();
    await refused;
    // Time for any reload that the refusal causes.
    await page.request.get('/sign-in');
    await route.fulfill({ response });
  });
  const finished = page.waitForEvent('requestfinished', (request) => request.url().endsWith('/api/accounts/sign_out'));
  await page.getByRole('button', { name: 'Sign out' }).click();
  await finished;
  await expect(page).toHaveURL(/\/sign-in$/);
});
