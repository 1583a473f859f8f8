import { expect, test } from './fixtures';
import { enter } from './forms';
import { openTable, uploadReady } from './table';

test('without JavaScript one signs in, looks at photos, and signs out', async ({ newWindow, cleo, troubles }) => {
  const awake = await newWindow(cleo);
  await openTable(awake);
  const ids = await uploadReady(awake, 'cat.png', 'stream.webp');

  const page = await newWindow(undefined, { javaScriptEnabled: false });
  troubles.keepSecret(cleo.password);
  // Where scripts are off, Chromium counts the preload of a module as blocked.
  troubles.allowText(/^csp$/);
  await page.goto('/');
  await enter(page, { email: cleo.email, password: 'not the right one' });
  await expect(page.getByRole('alert')).toHaveText(/don’t belong together/);
  expect(page.url()).not.toContain('not');
  await enter(page, cleo);
  await expect(page).toHaveURL('/');
  // By its element: Playwright reads no text in there.
  await expect(page.locator('noscript')).toBeVisible();
  for (const id of ids) {
    const picture = page.locator(`[data-photo="${id}"]`).getByRole('img');
    await expect(picture).toBeVisible();
    await expect.poll(() => picture.evaluate((img: HTMLImageElement) => img.complete && img.naturalWidth > 0)).toBe(true);
  }
  await page.locator(`[data-photo="${ids[0]}"]`).getByRole('link').click();
  await expect(page.getByRole('heading', { name: 'cat.png' })).toBeVisible();
  await expect(page.getByText('Ready to look at')).toBeVisible();
  await page.getByRole('link', { name: 'Back to photos' }).click();
  await page.getByRole('button', { name: 'Sign out' }).click();
  await expect(page).toHaveURL(/\/sign-in$/);
  await page.goto('/');
  await expect(page).toHaveURL(/\/sign-in$/);
});
