import { call, submit } from './api';
import { expect, test } from './fixtures';
import { openTimeline } from './table';
import { requestUpgrade } from './socket';
import { stage } from './stage';

const ELSEWHERE = 'http://elsewhere.test';

test('requests from another site change nothing', async ({ newWindow, cleo, errors }) => {
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
      const answer = await page.request.post(`/api/${name}`, { data: {}, headers });
      expect(answer.status(), `${name} ${JSON.stringify(headers)}`).toBe(403);
    }
  }

  const foreignPage = await page.context().newPage();
  // An answer without a page is an error page of the browser's own.
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
  const answer = foreignPage.waitForResponse(/sign_out$/);
  await foreignPage.getByRole('button', { name: 'Win a prize' }).click();
  expect((await answer).status()).toBe(403);
  await openTimeline(page);
});

test('pages say what they may load, and are not kept', async ({ page, newWindow, cleo, errors }) => {
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
    const answer = (await window.goto(address))!;
    const headers = answer.headers();
    expect(answer.status(), address).toBe(status);
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
  expect(nonces.size, 'every answer has a nonce of its own').toBe(visits.length);
  expect([...nonces]).not.toContain('');
});

test('cookies are out of reach of scripts and other sites', async ({ playwright, cleo }) => {
  const request = await playwright.request.newContext({ baseURL: stage.address });
  const answer = await submit(request, 'accounts/sign_in', { email: cleo.email, password: cleo.password });
  const cookies = answer.headersArray().filter(({ name }) => name.toLowerCase() === 'set-cookie');
  expect(cookies.map(({ value }) => value.split('=')[0]).sort()).toEqual(['__Host-device', '__Host-media', '__Host-session']);
  for (const { value } of cookies) {
    for (const part of [/; Secure/, /; HttpOnly/, /; SameSite=(Lax|Strict)/, /; Path=\/(;|$)/]) expect(value).toMatch(part);
    expect(value).not.toMatch(/; Domain/i);
  }
  expect(await answer.text(), 'no token in the answer').not.toMatch(/eyJ/);
  await request.dispose();
});

test('a socket opens for this site alone, and once for each ticket', async ({ newWindow, cleo }) => {
  const page = await newWindow(cleo);
  const ticket = async (): Promise<string> => (await (await call(page.request, 'live/ticket')).json()).address;

  const address = await ticket();
  expect(await requestUpgrade(address, stage.address), 'a fresh ticket').toBe(101);
  expect(await requestUpgrade(address, stage.address), 'a used ticket').toBeGreaterThanOrEqual(400);
  expect(await requestUpgrade(await ticket(), ELSEWHERE), 'another site').toBeGreaterThanOrEqual(400);
  expect(await requestUpgrade(address.split('?')[0]!, stage.address), 'no ticket').toBeGreaterThanOrEqual(400);
});
