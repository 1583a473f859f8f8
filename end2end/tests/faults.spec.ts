import { appendFile, writeFile } from 'node:fs/promises';
import { expect, test } from './fixtures';
import { holdCalls, openTimeline, tile } from './table';
import {
  answerWith,
  chooseFiles,
  expectArrived,
  expectStoredFiles,
  holdUploads,
  idOf,
  injectFault,
  library,
  panel,
  recordPuts,
  row,
  sha256,
  uniquePhoto,
} from './travel';

/** Enough for three parts. */
const IN_PARTS = 20 << 20;

test('a connection that is gone for ten seconds in the middle of a file goes on where it was', async ({ newWindow, cleo, errors }) => {
  test.slow();
  errors.allowText(/ERR_INTERNET_DISCONNECTED|WebSocket/);
  const page = await newWindow(cleo);
  await openTimeline(page);
  const sent = recordPuts(page);
  const file = await uniquePhoto('far-away.jpg', IN_PARTS);
  const uploads = await holdUploads(page, 1);
  await chooseFiles(page, file);
  await uploads.held;
  expect(sent.length, 'a part is there').toBe(1);
  await page.context().setOffline(true);
  await uploads.release();
  await expect(row(page, file.name)).toHaveText(/goes on by itself/);
  await page.waitForTimeout(10_000);
  await page.context().setOffline(false);
  await expectArrived(page.request, [file]);
  expect(new Set(sent).size, 'no part travels twice').toBe(sent.length);
  await expect(panel(page)).toHaveText(/One photo uploaded/);
});

test('a window that is closed in the middle of a part goes on when it is opened again', async ({ newWindow, cleo }) => {
  test.slow();
  const page = await newWindow(cleo);
  await openTimeline(page);
  const file = await uniquePhoto('killed.jpg', IN_PARTS);
  const early = recordPuts(page);
  const uploads = await holdUploads(page, 1);
  await chooseFiles(page, file);
  await uploads.held;
  await expectStoredFiles(page, 1);
  await page.close();
  await uploads.release();

  const again = await page.context().newPage();
  const late = recordPuts(again);
  await openTimeline(again);
  await expectArrived(again.request, [file]);
  expect(early.length, 'a part was there').toBe(1);
  expect(late, 'what was there does not travel again').not.toContain(early[0]);
  await expectStoredFiles(again, 0);
});

test('what was cut off goes on where it was, chosen again in another browser', async ({ newWindow, cleo, errors }) => {
  errors.allow(403, '/originals/');
  const page = await newWindow(cleo);
  await openTimeline(page);
  const file = await uniquePhoto('elsewhere.jpg', IN_PARTS);
  const early = recordPuts(page);
  await injectFault(page, 100, (route) => answerWith(route, 403), 1);
  await chooseFiles(page, file);
  const id = await idOf(page, file.name);
  await expect(tile(page, id)).toHaveText(/permission to upload has ended/);
  expect(early.length, 'a part is there').toBe(1);
  await page.context().close();

  const other = await newWindow(cleo);
  await openTimeline(other);
  await expect(tile(other, id)).toHaveAttribute('data-state', 'expected');
  const late = recordPuts(other);
  await chooseFiles(other, file);
  const [there] = await expectArrived(other.request, [file]);
  expect(there!.id).toBe(id);
  expect(late, 'what was there does not travel again').not.toContain(early[0]);
});

test('what the store cannot take now, or the connection drops, is sent again', async ({ newWindow, cleo, errors }) => {
  errors.allow(503, '/originals/');
  errors.allow(403, '/originals/');
  errors.allowText(/ERR_CONNECTION_RESET/);
  for (const atLeast of [0, IN_PARTS]) {
    const page = await newWindow(cleo);
    await openTimeline(page);
    const busy = await injectFault(page, 2, (route) => answerWith(route, 503));
    const one = await uniquePhoto('busy.jpg', atLeast);
    await chooseFiles(page, one);
    await expectArrived(page.request, [one]);
    expect(busy(), 'turned down twice').toBe(2);

    await page.unroute(/\/originals\//);
    const dropped = await injectFault(page, 2, (route) => route.abort('connectionreset'));
    const two = await uniquePhoto('dropped.jpg', atLeast);
    await chooseFiles(page, two);
    await expectArrived(page.request, [two]);
    expect(dropped(), 'broken off twice').toBe(2);

    await page.unroute(/\/originals\//);
    const ended = await injectFault(page, 1, (route) => answerWith(route, 403));
    const signed = page.waitForRequest(/\/api\/photos\/sign$/);
    const three = await uniquePhoto('late.jpg', atLeast);
    await chooseFiles(page, three);
    await signed;
    await expectArrived(page.request, [three]);
    expect(ended(), 'a signature that has ended').toBe(1);
    await page.context().close();
  }
});

test('the same bytes travel once, and lead to the photo', async ({ newWindow, cleo }) => {
  const page = await newWindow(cleo);
  await openTimeline(page);
  const sent = recordPuts(page);
  const one = await uniquePhoto('one.jpg');
  await chooseFiles(page, one, { ...one, name: 'the-same.jpg' });
  const [there] = await expectArrived(page.request, [one]);
  await expect(panel(page)).toHaveText(/One photo uploaded, one was already in your library/);
  await chooseFiles(page, { ...one, name: 'once-more.jpg' });
  await expect(row(page, 'once-more.jpg')).toHaveText(/Already in your library/);
  expect(sent.length, 'one travelled').toBe(1);
  expect((await library(page.request)).filter((photo) => photo.sha256 === sha256(one.buffer))).toHaveLength(1);
  await row(page, 'once-more.jpg').getByRole('link').click();
  await expect(page).toHaveURL(`/photos/${there!.id}`);
});

test('a file that changes while it is read says so, and can be chosen again', async ({ newWindow, cleo, errors }) => {
  test.slow();
  errors.allowText(/ERR_UPLOAD_FILE_CHANGED|ERR_FAILED/);
  const page = await newWindow(cleo);
  await openTimeline(page);
  const file = await uniquePhoto('changing.jpg', IN_PARTS);
  const place = test.info().outputPath(file.name);
  await writeFile(place, file.buffer);
  const uploads = await holdUploads(page);
  // Whoever is quick chooses again before the server has heard that these bytes will not come.
  const tellServer = await holdCalls(page, 'give_up');
  await page.getByLabel('Upload', { exact: true }).setInputFiles(place);
  await uploads.held;
  await appendFile(place, 'and more');
  await uploads.release();
  await expect(row(page, file.name)).toHaveText(/moved or changed since you chose it/);

  const choosing = page.waitForEvent('filechooser');
  await row(page, file.name).getByRole('button', { name: /Choose again/ }).click();
  const other = await uniquePhoto('chosen-again.jpg');
  await (await choosing).setFiles(other);
  await expectArrived(page.request, [other]);
  await expect(row(page, file.name)).toBeHidden();
  tellServer();
  const names = async (): Promise<string[]> => (await library(page.request)).map((photo) => photo.name);
  await expect.poll(names, 'nothing is left of the first').not.toContain(file.name);
});

test('a clock that is wrong by a day does not matter', async ({ newWindow, cleo }) => {
  for (const days of [-1, 1]) {
    const page = await newWindow(cleo);
    await page.clock.setFixedTime(Date.now() + days * 86_400_000);
    await openTimeline(page);
    const files = [await uniquePhoto(`clock-${days}.jpg`), await uniquePhoto(`clock-${days}-parts.jpg`, IN_PARTS)];
    await chooseFiles(page, ...files);
    await expectArrived(page.request, files);
    await page.context().close();
  }
});
