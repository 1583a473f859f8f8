import { randomUUID } from 'node:crypto';
import { expect, test } from './fixtures';
import { expectLive } from './table';

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
