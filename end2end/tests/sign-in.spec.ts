import { randomUUID } from 'node:crypto';
import { expect, test } from './fixtures';
import { expectLive } from './table';

for (const javaScriptEnabled of [true, false]) {
  const how = javaScriptEnabled ? 'with' : 'without';

  test(`${how} JavaScript who is signed in goes on from the page to sign in`, async ({ newWindow, cleo, errors }) => {
    errors.allowText(/^csp$/);
    const page = await newWindow(cleo, { javaScriptEnabled });
    for (const [query, there] of Object.entries({
      '': '/',
      '?to=%2Faccount%3Fa': '/account?a',
      '?to=%2F%2Fexample.org': '/',
      '?to=https%3A%2F%2Fexample.org%2F': '/',
    })) {
      const answer = (await page.goto(`/sign-in${query}`))!;
      await expect(page, query).toHaveURL(there);
      expect(answer.request().redirectedFrom()?.url(), 'by the server').toContain('/sign-in');
    }
  });
}

test('who is signed in goes on by links of the app, too, and does not come back to that page @accounts', async ({ newWindow, cleo }) => {
  const page = await newWindow(cleo);
  await page.goto('/account');
  await expectLive(page);
  await page.evaluate(() => Object.assign(window, { loadedOnce: true }));
  await page.getByRole('link', { name: 'No password yet? Choose one by mail' }).click();
  await expect(page).toHaveURL('/forgot');
  await page.getByRole('link', { name: 'Back to signing in' }).click();
  await expect(page).toHaveURL('/');
  expect(await page.evaluate(() => 'loadedOnce' in window)).toBe(true);
  await page.goBack();
  await expect(page).toHaveURL('/forgot');
});

test('a page that one is sent to says why, and nothing that it does not know', async ({ newWindow, cleo }) => {
  const page = await newWindow(cleo);
  await page.goto(`/photos/${randomUUID()}/original`);
  await expect(page).toHaveURL('/?why=not_found');
  await expect(page.getByRole('alert')).toHaveText(/^The original can’t be downloaded/);
  await page.goto('/account/export/1');
  await expect(page).toHaveURL('/account?why=not_found');
  await expect(page.getByRole('alert')).toHaveText(/^That isn’t there any more/);
  await page.goto('/sign-in/with/Nobody');
  await expect(page, 'where who is signed in can read it').toHaveURL('/account?why=not_found');
  const outside = await newWindow();
  await outside.goto('/sign-in/with/Nobody');
  await expect(outside).toHaveURL('/sign-in?why=not_found');
  await expect(outside.getByRole('alert')).toHaveText(/^That way to sign in isn’t offered here/);
  for (const unknown of ['nothing', 'wrong_password', '']) {
    await outside.goto(`/sign-in?why=${unknown}`);
    await expect(outside.getByLabel('E-mail')).toBeVisible();
    await expect(outside.getByRole('alert')).toHaveCount(0);
    await page.goto(`/?why=${unknown}`);
    await expectLive(page);
    await expect(page.getByRole('alert')).toHaveCount(0);
  }
});
