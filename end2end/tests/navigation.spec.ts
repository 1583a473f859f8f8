import { type BrowserContext, type BrowserContextOptions, type Page } from '@playwright/test';
import { call } from './api';
import type { Person } from './people';
import { expect, test } from './fixtures';
import { signInWithForm } from './forms';
import { SMALL_PHOTOGRAPHS, expectLive, openTimeline, uploadReady } from './timeline';

/** A page's state, compared with the same page after a reload. Images are left out, because their load times vary. */
interface Snapshot {
  address: string;
  title: string;
  text: string;
  focus: string;
  boxes: string[];
  overflow: number;
}

/** The text of a page and the boxes of its main elements, in whole document pixels. */
function snapshot(page: Page): Promise<Snapshot> {
  return page.evaluate(() => {
    const main = 'header.bar, main, h1, h2, h3, nav, section, form, .line, li.tile, .day, .stage, .stage .photo, .tools, .about, .scrubber';
    const boxes = [...document.querySelectorAll(main)]
      .filter((element) => element.checkVisibility({ visibilityProperty: true }))
      .map((element) => {
        const { left, top, width, height } = element.getBoundingClientRect();
        const pixels = [left + scrollX, top + scrollY, width, height].map(Math.round).join(' ');
        return `${[element.tagName.toLowerCase(), ...element.classList].join('.')} ${pixels}`;
      });
    const focus = document.activeElement;
    return {
      address: location.pathname + location.search,
      title: document.title,
      // Masks times, because a minute may pass between two snapshots.
      text: document.body.innerText.replaceAll(/\d\d:\d\d/g, '…'),
      // Focus starts at the top after a load, and at the content after client-side navigation.
      focus: !focus || focus === document.body || focus.id === 'content' ? 'start' : focus.outerHTML.slice(0, 80),
      boxes,
      overflow: document.documentElement.scrollWidth - innerWidth,
    };
  });
}

/** Expects the page to equal a fresh load of its URL. */
async function expectAsLoaded(page: Page, how: string): Promise<void> {
  const fresh = await page.context().newPage();
  await fresh.goto(page.url());
  if (await page.locator('[data-live]').count()) {
    await expectLive(page);
    await expectLive(fresh);
  }
  await expect(async () => {
    expect(await snapshot(page), how).toEqual(await snapshot(fresh));
  }).toPass({ timeout: 30_000 });
  await fresh.close();
}

/** The route of a URL, with ids and query values masked. */
const routeOf = (address: string): string => address.replaceAll(/\/photos\/[^/?]+/g, '/photos/…').replaceAll(/=[^&]+/g, '=…');

/** Links of the page that the client-side router follows, one for each route. */
async function links(page: Page): Promise<string[]> {
  const all = await page.evaluate(() =>
    [...document.querySelectorAll<HTMLAnchorElement>('a[href]:not([rel~="external"], [download], [target])')]
      // Signed out, `/` redirects to sign-in.
      .filter((link) => document.querySelector('header.bar') || link.pathname !== '/')
      .filter((link) => link.origin === location.origin && !link.hash && link.checkVisibility({ visibilityProperty: true }))
      .map((link) => link.pathname + link.search),
  );
  return [...new Map(all.map((address) => [routeOf(address), address])).values()];
}

type Follow = (page: Page, address: string) => Promise<void>;

/** Follows links to every route except `leftOut`, depth first; checks each page after following, going back and going forward. */
async function walk(page: Page, follow: Follow, ...leftOut: string[]): Promise<Set<string>> {
  const seen = new Set([routeOf(new URL(page.url()).pathname), ...leftOut]);
  const visit = async (): Promise<void> => {
    for (const address of await links(page)) {
      if (seen.has(routeOf(address))) continue;
      seen.add(routeOf(address));
      const from = page.url();
      await follow(page, address);
      await expect(page).toHaveURL(address);
      await expectAsLoaded(page, `${from} → ${address}`);
      await page.goBack();
      await expect(page).toHaveURL(from);
      await expectAsLoaded(page, `back from ${address}`);
      await page.goForward();
      await expect(page).toHaveURL(address);
      await expectAsLoaded(page, `forward to ${address}`);
      await visit();
      await page.goBack();
      await expect(page).toHaveURL(from);
    }
  };
  await visit();
  return seen;
}

const WAYS: Record<string, { options: BrowserContextOptions; follow: Follow }> = {
  'by keyboard in a wide window': {
    options: { viewport: { width: 1280, height: 800 } },
    follow: async (page, address) => {
      await page.locator(`a[href="${address}"]:visible`).first().focus();
      await page.keyboard.press('Enter');
    },
  },
  'by touch on a phone': {
    options: { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true },
    follow: (page, address) => page.locator(`a[href="${address}"]:visible`).first().tap(),
  },
};

/** Uploads photos, one of them a favourite and one archived, so that every route has a link. */
async function fill(newWindow: (person: Person) => Promise<Page>, person: Person): Promise<BrowserContext> {
  const page = await newWindow(person);
  await openTimeline(page);
  const [favourite, , archived] = (await uploadReady(page, ...SMALL_PHOTOGRAPHS)) as [string, string, string];
  for (const [id, amendment] of [
    [favourite, { set: 'favourite', on: true }],
    [archived, { set: 'archived', on: true }],
  ]) {
    const response = await call(page.request, 'photos/amend', { id, amendment });
    expect(response.ok(), await response.text()).toBe(true);
  }
  return page.context();
}

for (const [way, { options, follow }] of Object.entries(WAYS)) {
  test(`client-side navigation renders every page like a full load: ${way} @accounts`, async ({ newWindow, cleo }) => {
    const context = await fill(newWindow, cleo);
    await context.close();
    const page = await newWindow(undefined, options);
    await page.goto('/sign-in');
    const signedOut = await walk(page, follow);
    expect([...signedOut]).toEqual(expect.arrayContaining(['/sign-in', '/sign-up', '/forgot']));
    await signInWithForm(page, cleo);
    await expect(page).toHaveURL('/');
    await expectAsLoaded(page, 'after signing in');
    // The sign-in page redirects signed-in users.
    const signedIn = await walk(page, follow, '/sign-in');
    expect([...signedIn]).toEqual(expect.arrayContaining(['/', '/photos/…', '/favourites', '/archive', '/account', '/photos/…?in=…']));
  });
}
