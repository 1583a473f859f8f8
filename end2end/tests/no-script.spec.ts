import { TOTP } from 'otpauth';
import { call, mailedCode } from './api';
import { newcomer } from './people';
import { expect, test } from './fixtures';
import { confirmAccount, createAccount, signInWithForm } from './forms';
import { openTimeline, tile, uploadReady } from './timeline';

test('without JavaScript a user signs in, views photos, and signs out', async ({ newWindow, cleo, errors }) => {
  const uploader = await newWindow(cleo);
  await openTimeline(uploader);
  const ids = await uploadReady(uploader, 'cat.png', 'small/stream.webp');

  const page = await newWindow(undefined, { javaScriptEnabled: false });
  errors.forbidInUrls(cleo.password);
  // With scripts disabled, Chromium reports the module preload as blocked.
  errors.allowText(/^csp$/);
  await page.goto('/');
  await signInWithForm(page, { email: cleo.email, password: 'not the right one' });
  await expect(page.getByRole('alert')).toHaveText(/Wrong email or password/);
  expect(page.url()).not.toContain('not');
  await signInWithForm(page, cleo);
  await expect(page).toHaveURL('/');
  // Playwright does not read the text of `noscript`.
  await expect(page.locator('noscript')).toBeVisible();
  for (const id of ids) {
    const picture = page.locator(`[data-photo="${id}"]`).getByRole('img');
    await expect(picture).toBeVisible();
    await expect.poll(() => picture.evaluate((img: HTMLImageElement) => img.complete && img.naturalWidth > 0)).toBe(true);
  }
  const placeholder = tile(page, ids[1]!).locator('.below');
  await expect(placeholder).toHaveAttribute('color', /^#[\da-f]{6}$/);
  const colours = await placeholder.evaluate((svg) => {
    const [own, around] = [getComputedStyle(svg), getComputedStyle(svg.parentElement!)];
    return { background: own.backgroundColor, own: own.color, around: around.color };
  });
  expect(colours.background, 'the colour of the picture').toBe(colours.own);
  expect(colours.own).not.toBe(colours.around);
  await expect(page.getByText('Upload', { exact: true }), 'no controls that need a script').toBeHidden();
  await page.locator(`[data-photo="${ids[0]}"]`).getByRole('link').click();
  await expect(page.getByRole('heading', { name: 'cat.png' })).toBeVisible();
  await expect(page.getByRole('button', { name: /Favourite|Rotate|Archive|Copy link|Information/ })).toHaveCount(0);
  await expect(page.getByLabel('Caption')).toBeHidden();
  await page.getByText('Download', { exact: true }).click();
  await expect(page.getByRole('link', { name: 'Original' })).toBeVisible();
  await expect(page.getByText('Ready to view')).toBeVisible();
  await page.getByRole('link', { name: 'Back to photos' }).click();
  await page.getByRole('button', { name: 'Sign out' }).click();
  await expect(page).toHaveURL(/\/sign-in$/);
  await page.goto('/');
  await expect(page).toHaveURL(/\/sign-in$/);
});

test('without JavaScript the tile of a pending upload links to the photo page', async ({ newWindow, cleo, errors }) => {
  errors.allowText(/^csp$/);
  const page = await newWindow(cleo, { javaScriptEnabled: false });
  await page.goto('/');
  await expect(page.getByRole('heading', { name: 'No photos yet' })).toBeVisible();
  await expect(page.getByText(/choose Upload/)).toBeHidden();
  const wanted = { name: 'late.jpg', kind: 'image/jpeg', bytes: 1, sha256: Buffer.alloc(32).toString('base64') };
  const granted = (await (await call(page.request, 'photos/grant', { wanted })).json()) as { photo: { id: string } };
  await page.goto('/');
  await expect(tile(page, granted.photo.id).getByText('Waiting for the upload')).toBeVisible();
  await expect(tile(page, granted.photo.id).getByRole('button')).toHaveCount(0);
  await tile(page, granted.photo.id).getByRole('link', { name: 'Details' }).click();
  await expect(page.getByRole('heading', { name: 'late.jpg' })).toBeVisible();
});

test('without JavaScript a user signs up, turns on two-factor authentication, and signs in again @accounts', async ({ newWindow, errors }) => {
  const page = await newWindow(undefined, { javaScriptEnabled: false });
  errors.allowText(/^csp$/);
  const dora = newcomer('Dora');
  errors.forbidInUrls(dora.password);
  await page.goto('/sign-up');
  await createAccount(page, { ...dora, email: 'dora@nowhere' });
  await expect(page.getByRole('alert')).toHaveText(/doesn’t look like an email address/);
  await createAccount(page, dora);
  await confirmAccount(page, dora, '000000');
  await expect(page.getByRole('alert')).toHaveText(/isn’t the code we sent/);
  await confirmAccount(page, dora, await mailedCode(page.request, dora));
  await expect(page).toHaveURL('/');

  await page.goto('/account');
  const password = page.getByRole('region', { name: 'Change password' });
  await password.getByLabel('Your password').fill('not her password');
  await password.getByLabel('New password').fill(`${dora.password} still`);
  await password.getByRole('button', { name: 'Change password' }).click();
  await expect(page.getByText('That isn’t your password.')).toBeVisible();
  expect(page.url()).not.toContain('not');
  await password.getByLabel('Your password').fill(dora.password);
  await password.getByLabel('New password').fill(`${dora.password} still`);
  await password.getByRole('button', { name: 'Change password' }).click();
  await expect(page.getByText('Your password was changed.')).toBeVisible();

  const step = page.getByRole('region', { name: 'Two-factor authentication' });
  await step.getByLabel('Your password').fill(`${dora.password} still`);
  await step.getByRole('button', { name: 'Set up' }).click();
  const address = (await step.getByRole('link', { name: /Open the app/ }).getAttribute('href'))!;
  const app = new TOTP({ secret: new URL(address).searchParams.get('secret')! });
  const codes = await step.locator('.codes code').allInnerTexts();
  await step.getByLabel('Code from your app').fill(app.generate());
  await step.getByRole('button', { name: 'Turn on' }).click();
  await expect(page.getByText('On. 10 recovery codes are left.')).toBeVisible();

  const sessions = page.getByRole('region', { name: 'Where you’re signed in' });
  await sessions.getByRole('button', { name: /Sign out: Chrome/ }).click();
  await expect(page).toHaveURL(/\/sign-in/);
  await signInWithForm(page, { email: dora.email, password: `${dora.password} still` });
  await expect(page).toHaveURL(/\/second-step/);
  await page.getByLabel('Code').fill(codes[0]!);
  await page.getByRole('button', { name: 'Sign in', exact: true }).click();
  await expect(page).toHaveURL('/');
});
