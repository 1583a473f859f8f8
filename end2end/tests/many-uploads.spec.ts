import { expect, test } from './fixtures';
import { expectLive, openTimeline } from './timeline';
import { chooseFiles, expectArrived, expectStoredFiles, holdUploads, panel, uniqueSmallPhotos } from './uploads';

/** Few enough for the test suite; `make drill` and `make bench` upload 300. */
const COUNT = Number(process.env.SHOEBOX_CROWD ?? 40);

test(`${COUNT} small files are each uploaded exactly once`, async ({ newWindow, cleo }) => {
  test.setTimeout(900_000);
  const page = await newWindow(cleo);
  await openTimeline(page);
  const files = await uniqueSmallPhotos(page, COUNT);
  const uploads = await holdUploads(page, 10);
  await chooseFiles(page, ...files);
  await uploads.held;
  // The page stays responsive while it reads files.
  await panel(page).getByRole('button', { name: 'Pause all' }).click({ timeout: 10_000 });
  await expect(panel(page)).toHaveText(new RegExp(`Paused: \\d+ of ${COUNT} photos uploaded`));
  await uploads.release();
  const uploaded = Number(/Paused: (\d+)/.exec(await panel(page).innerText())![1]);
  await expectStoredFiles(page, files.length - uploaded);
  await page.reload();
  await expectLive(page);
  await panel(page).getByRole('button', { name: 'Resume all' }).click();
  await expectArrived(page.request, files, 800_000);
  await expectStoredFiles(page, 0);
});
