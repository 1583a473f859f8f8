// Makes the renditions of one photo with sharp, as `develop_photo` does, for comparison.
//
//     node sharp.mjs best|clone WEBP_EFFORT FILE FOLDER
//
// `best` decodes once and scales down in steps; `clone`, as in sharp's documentation, decodes for each size.
// Prints the CPU time in milliseconds, without the start of Node.

import path from 'node:path';
import sharp from 'sharp';

const WIDTHS = [1920, 960, 320];
const QUALITY = 80;

const [method, effort, file, folder] = process.argv.slice(2);
// As in a function with one vCPU.
sharp.concurrency(1);
sharp.cache(false);

const inside = (edge) => ({ width: edge, height: edge, fit: 'inside', withoutEnlargement: true });

/** Writes a file of each format from pixels that are already scaled. */
async function write(pixels, edge) {
  const to = (extension) => path.join(folder, `${edge}.${extension}`);
  await pixels.clone().webp({ quality: QUALITY, effort: Number(effort) }).toFile(to('webp'));
  await pixels.clone().flatten({ background: 'white' }).jpeg({ quality: QUALITY }).toFile(to('jpeg'));
}

const methods = {
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

// Loads libvips before the measurement.
await sharp({ create: { width: 8, height: 8, channels: 3, background: 'white' } }).webp().toBuffer();
const before = process.cpuUsage();
await methods[method]();
const { user, system } = process.cpuUsage(before);
console.log(JSON.stringify({ cpu_ms: (user + system) / 1000 }));
