import { type Page } from '@playwright/test';
import path from 'node:path';
import { expectNoViolations } from './axe';
import { expect, test } from './fixtures';
import { SMALL_PHOTOGRAPHS, openTimeline, tile, uploadReady, waitForPictures } from './timeline';
import { chooseFiles, expectArrived, holdUploads, idOf, panel, uniquePhoto } from './uploads';

const OUTSIDE = {
  'sign-in': '/sign-in',
  'sign-up': '/sign-up',
  confirm: '/confirm?email=cleo%40shoebox.test',
  'second-step': '/second-step',
  forgot: '/forgot',
  reset: '/reset?email=cleo%40shoebox.test',
};
const SIZES = { narrow: { width: 390, height: 844 }, wide: { width: 1440, height: 900 } };

/** Runs checks with the light and the dark colour scheme; only colours differ, so the page is not loaded again. */
async function inBothColours(page: Page, check: (colours: string) => Promise<void>): Promise<void> {
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme });
    await check(colorScheme);
  }
}

async function expectFits(page: Page, where: string): Promise<void> {
  const overflow = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
  expect(overflow, `${where}: no horizontal overflow`).toBeLessThanOrEqual(0);
  await expectNoViolations(page, `${where}: axe`);
}

test('pages fit narrow and wide windows, light and dark', async ({ newWindow, cleo }, { project }) => {
  test.slow();
  const folder = path.join(project.outputDir, 'screenshots');
  const first = await newWindow(cleo);
  await openTimeline(first);
  const ids = await uploadReady(first, ...SMALL_PHOTOGRAPHS);
  const inside = { timeline: '/', viewer: `/photos/${ids[2]}`, account: '/account' };

  for (const [size, viewport] of Object.entries(SIZES)) {
    for (const [person, pages] of [[undefined, OUTSIDE], [cleo, inside]] as const) {
      const page = await newWindow(person, { viewport });
      for (const [name, address] of Object.entries(pages)) {
        await page.goto(address);
        await waitForPictures(page);
        await inBothColours(page, async (colours) => {
          await expectFits(page, `${name}, ${size}, ${colours}`);
          await page.screenshot({ path: path.join(folder, `${name}-${size}-${colours}.png`), fullPage: name === 'account' });
        });
      }
      await page.context().close();
    }
  }
});

test('uploads in progress fit narrow and wide windows, light and dark', async ({ newWindow, cleo }, { project }) => {
  test.slow();
  const folder = path.join(project.outputDir, 'screenshots');
  for (const [size, viewport] of Object.entries(SIZES)) {
    const page = await newWindow(cleo, { viewport });
    await openTimeline(page);
    const uploads = await holdUploads(page);
    const photos = await Promise.all(['harbour.jpg', 'the very long name of a photo of the lighthouse.jpg'].map((name) => uniquePhoto(name)));
    await chooseFiles(page, ...photos, { name: 'notes.txt', mimeType: 'text/plain', buffer: Buffer.from('no photo') });
    await uploads.held;
    const id = await idOf(page, 'harbour.jpg');
    await expect(tile(page, id).locator('img.below')).toBeVisible();
    await waitForPictures(page);
    await inBothColours(page, async (colours) => {
      await expectFits(page, `uploads, ${size}, ${colours}`);
      await page.screenshot({ path: path.join(folder, `uploads-${size}-${colours}.png`) });
    });
    await panel(page).getByRole('button', { name: /Uploading/ }).click();
    await tile(page, id).getByRole('button').click();
    await inBothColours(page, async (colours) => {
      await expectNoViolations(page, `where, ${size}, ${colours}: axe`);
      await page.screenshot({ path: path.join(folder, `where-${size}-${colours}.png`) });
    });
    await uploads.release();
    await expectArrived(page.request, photos);
    await page.context().close();
  }
});

test('pages have no horizontal overflow from right to left', async ({ newWindow, cleo }, { project }) => {
  const folder = path.join(project.outputDir, 'screenshots');
  const first = await newWindow(cleo);
  await openTimeline(first);
  const [, , id] = await uploadReady(first, ...SMALL_PHOTOGRAPHS);
  for (const [size, viewport] of Object.entries(SIZES)) {
    const page = await newWindow(cleo, { viewport });
    await page.addInitScript(() => {
      new MutationObserver((_, observer) => {
        document.documentElement.dir = 'rtl';
        observer.disconnect();
      }).observe(document, { childList: true });
    });
    for (const [name, address] of Object.entries({ timeline: '/', viewer: `/photos/${id}`, account: '/account' })) {
      await page.goto(address);
      await expect(page.locator('html')).toHaveAttribute('dir', 'rtl');
      await waitForPictures(page);
      await page.locator('details').evaluateAll((all) => all.forEach((one) => ((one as HTMLDetailsElement).open = true)));
      const outside = await page.evaluate(() => {
        const root = document.documentElement;
        const isOutside = (element: Element) => {
          const { left, right, width } = element.getBoundingClientRect();
          return width > 1 && element.checkVisibility() && (left < -1 || right > root.clientWidth + 1) && !element.closest('.offline, .skip, .stage, svg');
        };
        return [...document.querySelectorAll('header *, main *')].filter(isOutside).map((element) => element.outerHTML.slice(0, 120));
      });
      expect(outside, `${name}, ${size}: no horizontal overflow`).toEqual([]);
      await page.screenshot({ path: path.join(folder, `${name}-${size}-rtl.png`) });
    }
    await page.context().close();
  }
});
