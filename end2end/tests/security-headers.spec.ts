import { call, submit } from './api';
import { expect, test } from './fixtures';
import { openTimeline } from './timeline';
import { requestUpgrade } from './socket';
import { stage } from './stage';

const ELSEWHERE = 'http://elsewhere.test';

test('cross-site requests are refused', async ({ newWindow, cleo, errors }) => {
  const page = await newWindow(cleo);
  const foreign: Record<string, string>[] = [
    {},
    { Origin: 'null' },
    { Origin: ELSEWHERE },
    { Origin: `${stage.address}.elsewhere.test` },
    { Origin: stage.address, 'Sec-Fetch-Site': 'cross-site' },
  ];
  for (const headers of foreign) {
    for (const name of ['accounts/sign_out', 'accounts/set_open', 'live/ticket']) {
      const response = await page.request.post(`/api/${name}`, { data: {}, headers });
      expect(response.status(), `${name} ${JSON.stringify(headers)}`).toBe(403);
    }
  }

  const foreignPage = await page.context().newPage();
  // The browser shows its own error page for a response without a body.
  errors.allow(403, '/api/accounts/sign_out');
  errors.allow(403, 'chrome-error:');
  errors.allowText(/ERR_HTTP_RESPONSE_CODE_FAILURE/);
  await foreignPage.route(`${ELSEWHERE}/**`, (route) =>
    route.fulfill({
      contentType: 'text/html',
      body: `<link rel="icon" href="data:,">
        <form method="post" action="${stage.address}/api/accounts/sign_out"><button>Win a prize</button></form>`,
    }),
  );
  await foreignPage.goto(ELSEWHERE);
  const response = foreignPage.waitForResponse(/sign_out$/);
  await foreignPage.getByRole('button', { name: 'Win a prize' }).click();
  expect((await response).status()).toBe(403);
  await openTimeline(page);
});

test('pages send a strict Content-Security-Policy and security headers, and are not cached', async ({ page, newWindow, cleo, errors }) => {
  errors.allow(404, '/nothing-here');
  const signedIn = await newWindow(cleo);
  const nonces = new Set<string>();
  const visits: [typeof page, string, number][] = [
    [page, '/sign-in', 200],
    [page, '/sign-up', 200],
    [page, '/nothing-here', 404],
    [signedIn, '/', 200],
    [signedIn, '/account', 200],
  ];
  for (const [window, address, status] of visits) {
    const response = (await window.goto(address))!;
    const headers = response.headers();
    expect(response.status(), address).toBe(status);
    expect(headers['cache-control'], address).toMatch(/no-store/);
    expect(headers['x-content-type-options'], address).toBe('nosniff');
    expect(headers['referrer-policy'], address).toBe('same-origin');
    expect(headers['strict-transport-security'], address).toMatch(/max-age=\d{8}/);
    const policy = headers['content-security-policy'] ?? '';
    expect(policy, address).not.toMatch(/unsafe-inline|'unsafe-eval'|\*/);
    for (const rule of ["default-src 'self'", "frame-ancestors 'none'", "object-src 'none'", "base-uri 'none'", "form-action 'self'"]) {
      expect(policy, address).toContain(rule);
    }
    nonces.add(/script-src[^;]*'nonce-([^']{16,})'/.exec(policy)?.[1] ?? '');
  }
  expect(nonces.size, 'every response has its own nonce').toBe(visits.length);
  expect([...nonces]).not.toContain('');
});

test('cookies are HttpOnly, Secure, SameSite and host-only', async ({ playwright, cleo }) => {
  const request = await playwright.request.newContext({ baseURL: stage.address });
  const response = await submit(request, 'accounts/sign_in', { email: cleo.email, password: cleo.password });
  const cookies = response.headersArray().filter(({ name }) => name.toLowerCase() === 'set-cookie');
  expect(cookies.map(({ value }) => value.split('=')[0]).sort()).toEqual(['__Host-device', '__Host-media', '__Host-session']);
  for (const { value } of cookies) {
    for (const part of [/; Secure/, /; HttpOnly/, /; SameSite=(Lax|Strict)/, /; Path=\/(;|$)/]) expect(value).toMatch(part);
    expect(value).not.toMatch(/; Domain/i);
  }
  expect(await response.text(), 'no token in the response').not.toMatch(/eyJ/);
  await request.dispose();
});

test('a WebSocket needs an unused ticket and the origin of this site', async ({ newWindow, cleo }) => {
  const page = await newWindow(cleo);
  const ticket = async (): Promise<string> => (await (await call(page.request, 'live/ticket')).json()).address;

  const address = await ticket();
  expect(await requestUpgrade(address, stage.address), 'an unused ticket').toBe(101);
  expect(await requestUpgrade(address, stage.address), 'a used ticket').toBeGreaterThanOrEqual(400);
  expect(await requestUpgrade(await ticket(), ELSEWHERE), 'another site').toBeGreaterThanOrEqual(400);
  expect(await requestUpgrade(address.split('?')[0]!, stage.address), 'no ticket').toBeGreaterThanOrEqual(400);
});
