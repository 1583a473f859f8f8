import { randomUUID } from 'node:crypto';
import { expect, test } from './fixtures';
import { expectLive } from './timeline';

for (const javaScriptEnabled of [true, false]) {
  const how = javaScriptEnabled ? 'with' : 'without';

  test(`${how} JavaScript the sign-in page redirects signed-in users`, async ({ newWindow, cleo, errors }) => {
    errors.allowText(/^csp$/);
    const page = await newWindow(cleo, { javaScriptEnabled });
    for (const [query, target] of Object.entries({
      '': '/',
      '?to=%2Faccount%3Fa': '/account?a',
      '?to=%2F%2Fexample.org': '/',
      '?to=https%3A%2F%2Fexample.org%2F': '/',
    })) {
      const response = (await page.goto(`/sign-in${query}`))!;
      await expect(page, query).toHaveURL(target);
      expect(response.request().redirectedFrom()?.url(), 'by the server').toContain('/sign-in');
    }
  });
}

test('client-side navigation skips the sign-in page for signed-in users, and keeps it out of the history @accounts', async ({ newWindow, cleo }) => {
  const page = await newWindow(cleo);
  await page.goto('/account');
  await expectLive(page);
  await page.evaluate(() => Object.assign(window, { sameDocument: true }));
  await page.getByRole('link', { name: 'No password yet? Set one by email' }).click();
  await expect(page).toHaveURL('/forgot');
  await page.getByRole('link', { name: 'Back to sign-in' }).click();
  await expect(page).toHaveURL('/');
  expect(await page.evaluate(() => 'sameDocument' in window)).toBe(true);
  await page.goBack();
  await expect(page).toHaveURL('/forgot');
});

test('a redirect shows its reason, and unknown reasons are ignored', async ({ newWindow, cleo }) => {
  const page = await newWindow(cleo);
  await page.goto(`/photos/${randomUUID()}/original`);
  await expect(page).toHaveURL('/?why=not_found');
  await expect(page.getByRole('alert')).toHaveText(/^The original can’t be downloaded/);
  await page.goto('/account/export/1');
  await expect(page).toHaveURL('/account?why=not_found');
  await expect(page.getByRole('alert')).toHaveText(/^That file is no longer available/);
  await page.goto('/sign-in/with/Nobody');
  await expect(page, 'a page for signed-in users').toHaveURL('/account?why=not_found');
  const signedOut = await newWindow();
  await signedOut.goto('/sign-in/with/Nobody');
  await expect(signedOut).toHaveURL('/sign-in?why=not_found');
  await expect(signedOut.getByRole('alert')).toHaveText(/^That sign-in option isn’t available here/);
  for (const unknown of ['nothing', 'wrong_password', '']) {
    await signedOut.goto(`/sign-in?why=${unknown}`);
    await expect(signedOut.getByLabel('Email')).toBeVisible();
    await expect(signedOut.getByRole('alert')).toHaveCount(0);
    await page.goto(`/?why=${unknown}`);
    await expectLive(page);
    await expect(page.getByRole('alert')).toHaveCount(0);
  }
});
