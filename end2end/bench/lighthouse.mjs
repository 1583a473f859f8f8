// Lighthouse scores of the signed-in timeline and of a photo page on an emulated phone, and the audits that lower them.
//
//     node lighthouse.mjs FOLDER_OF_PHOTOS FOLDER_FOR_FIGURES

import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import lighthouse, { defaultConfig } from 'lighthouse';
import { openBrowser, openTimeline } from './browser.mjs';
import { percentile, report } from './figures.mjs';
import { Visitor, becomeOwner, uploadReady } from './visitor.mjs';

const CATEGORIES = ['performance', 'accessibility', 'best-practices'];
/** Runs per median, as Lighthouse's guide on variability advises. */
const ROUNDS = 5;
/** The phone that Lighthouse emulates. */
const { width, height } = defaultConfig.settings.screenEmulation;
const PHOTOS = ['mountains.jpg', 'dandelions.jpg', 'dogs.jpg', 'fig.jpg', 'sunset.jpg'];

const [photos, figures] = process.argv.slice(2);
const { SHOEBOX_ADDRESS: address, SHOEBOX_OWNER_CODE: ownerCode, SHOEBOX_MAIL: mail } = process.env;
const owner = { email: 'lighthouse@shoebox.test', password: 'by day and by night' };

/** The scores of a page, from 0 to 100; prints the audits below 90. */
async function scores(url, port) {
  const { lhr } = await lighthouse(url, { port, output: 'json', logLevel: 'error', onlyCategories: CATEGORIES, disableStorageReset: true });
  if (lhr.runtimeError) throw new Error(`${url}: ${lhr.runtimeError.message}`);
  if (new URL(lhr.finalDisplayedUrl).pathname !== new URL(url).pathname) throw new Error(`${url} led to ${lhr.finalDisplayedUrl}`);
  for (const { auditRefs } of Object.values(lhr.categories)) {
    for (const { id, weight } of auditRefs) {
      const { score, title, displayValue = '' } = lhr.audits[id];
      if (weight > 0 && score !== null && score < 0.9) console.log(`    ${Math.round(score * 100)}  ${title} ${displayValue}`);
    }
  }
  return CATEGORIES.map((name) => Math.round(lhr.categories[name].score * 100));
}

const visitor = new Visitor(address);
await becomeOwner(visitor, { ...owner, ownerCode, mail });
await visitor.submit('accounts/sign_in', owner);
const [shown] = await uploadReady(visitor, PHOTOS.map((name) => path.join(photos, name)));

const folder = mkdtempSync(path.join(tmpdir(), 'shoebox-bench-'));
// Lighthouse connects to the browser's debugging port; with 0 the browser chooses one and writes it to a file.
// The viewport is the phone's: windows return to it after each run, and the `width` cookie keeps it for the next page.
const context = await openBrowser(address, folder, ['--remote-debugging-port=0'], { viewport: { width, height } });
const measured = {};
try {
  await (await openTimeline(context, owner)).close();
  const port = Number(readFileSync(path.join(folder, 'DevToolsActivePort'), 'utf8').split('\n')[0]);
  for (const [page, at] of [['timeline', '/'], ['viewer', `/photos/${shown}`]]) {
    const rounds = [];
    for (let round = 0; round < ROUNDS; round += 1) {
      console.log(`  ${page}, round ${round + 1}`);
      rounds.push(await scores(`${address}${at}`, port));
    }
    CATEGORIES.forEach((name, at) => (measured[`${page}_${name.replace('-', '_')}`] = percentile(rounds.map((round) => round[at]), 0.5)));
  }
} finally {
  await context.close();
  rmSync(folder, { recursive: true });
}
report(figures, 'lighthouse', measured);
