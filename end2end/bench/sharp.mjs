// Develops one photo by sharp, as `develop_photo` does: the peer of the bench.
//
//     node sharp.mjs best|clone WEBP_EFFORT FILE FOLDER
//
// `best` decodes once and scales down in a cascade; `clone` is the way of sharp's documentation, which decodes for each file.
// Prints the milliseconds of processor time that the work took, without Node's own start.

import path from 'node:path';
import sharp from 'sharp';

const WIDTHS = [1920, 960, 320];
const QUALITY = 80;

const [way, effort, file, folder] = process.argv.slice(2);
// As in a function with one processor.
sharp.concurrency(1);
sharp.cache(false);

const inside = (edge) => ({ width: edge, height: edge, fit: 'inside', withoutEnlargement: true });

/** A file of each format, from pixels that have its size. */
async function write(pixels, edge) {
  const to = (extension) => path.join(folder, `${edge}.${extension}`);
  await pixels.clone().webp({ quality: QUALITY, effort: Number(effort) }).toFile(to('webp'));
  await pixels.clone().flatten({ background: 'white' }).jpeg({ quality: QUALITY }).toFile(to('jpeg'));
}

const ways = {
  async best() {
    let image = sharp(file, { sequentialRead: true }).rotate().toColourspace('srgb');
    for (const edge of WIDTHS) {
      const { data, info } = await image.resize(inside(edge)).raw().toBuffer({ resolveWithObject: true });
      image = sharp(data, { raw: { width: info.width, height: info.height, channels: info.channels } });
      await write(image, edge);
    }
  },
  async clone() {
    const original = sharp(file).rotate();
    for (const edge of WIDTHS) await write(original.clone().resize(inside(edge)), edge);
  },
};

// The first use loads libvips.
await sharp({ create: { width: 8, height: 8, channels: 3, background: 'white' } }).webp().toBuffer();
const before = process.cpuUsage();
await ways[way]();
const { user, system } = process.cpuUsage(before);
console.log(JSON.stringify({ cpu_ms: (user + system) / 1000 }));
