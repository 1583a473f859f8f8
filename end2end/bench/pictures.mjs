// Makes the pictures for the comparison with sharp.
//
//     node pictures.mjs avif FILE FOLDER WIDTH QUALITY...  AVIFs by sharp of that width: <quality>.avif
//     node pictures.mjs decode FILE FOLDER                 PNGs of each picture, and of the photo scaled to its size:
//                                                          <picture>.png and <picture>.reference.png
//     node pictures.mjs enlarge FILE TO WIDTH HEIGHT       a baseline JPEG of that size, as from a camera

import { readdirSync } from 'node:fs';
import path from 'node:path';
import sharp from 'sharp';

sharp.cache(false);

const PNG = { compressionLevel: 1 };

/** All pixels of a photo, upright and in sRGB, decoded at full size. */
async function decodeFully(file) {
  const { data, info } = await sharp(file).rotate().toColourspace('srgb').removeAlpha().raw().toBuffer({ resolveWithObject: true });
  return { data, raw: { width: info.width, height: info.height, channels: info.channels } };
}

const scaled = ({ data, raw }, edge) => sharp(data, { raw }).resize({ width: edge, height: edge, fit: 'inside', withoutEnlargement: true });

const commands = {
  async avif(file, folder, width, ...qualities) {
    const pixels = scaled(await decodeFully(file), Number(width));
    for (const quality of qualities) {
      await pixels.clone().avif({ quality: Number(quality), chromaSubsampling: '4:2:0' }).toFile(path.join(folder, `${quality}.avif`));
    }
  },
  async decode(file, folder) {
    const photo = await decodeFully(file);
    for (const name of readdirSync(folder).filter((name) => !name.endsWith('.png'))) {
      const { width, height } = await sharp(path.join(folder, name)).removeAlpha().png(PNG).toFile(path.join(folder, `${name}.png`));
      // Scales all pixels: no shrink-on-load.
      const reference = sharp(photo.data, { raw: photo.raw }).resize({ width, height, fit: 'fill' });
      await reference.png(PNG).toFile(path.join(folder, `${name}.reference.png`));
    }
  },
  async enlarge(file, to, width, height) {
    const size = { width: Number(width), height: Number(height), fit: 'cover' };
    await sharp(file).resize(size).jpeg({ quality: 92, chromaSubsampling: '4:2:0' }).toFile(to);
  },
};

const [command, ...args] = process.argv.slice(2);
await commands[command](...args);
