// What the bench beside sharp looks at: pictures without loss, made by sharp, which is the peer.
//
//     node pictures.mjs avif FILE FOLDER WIDTH QUALITY...  sharp's AVIFs of that size: <quality>.avif
//     node pictures.mjs decode FILE FOLDER                 beside each picture its pixels, and those of the photo itself in that size:
//                                                          <picture>.png and <picture>.reference.png
//     node pictures.mjs enlarge FILE TO WIDTH HEIGHT       a baseline JPEG of that size, as cameras write it

import { readdirSync } from 'node:fs';
import path from 'node:path';
import sharp from 'sharp';

sharp.cache(false);

const PNG = { compressionLevel: 1 };

/** All pixels of a photo, upright and in sRGB: nothing is left out when they are decoded. */
async function whole(file) {
  const { data, info } = await sharp(file).rotate().toColourspace('srgb').removeAlpha().raw().toBuffer({ resolveWithObject: true });
  return { data, raw: { width: info.width, height: info.height, channels: info.channels } };
}

const scaled = ({ data, raw }, edge) => sharp(data, { raw }).resize({ width: edge, height: edge, fit: 'inside', withoutEnlargement: true });

const ways = {
  async avif(file, folder, width, ...qualities) {
    const pixels = scaled(await whole(file), Number(width));
    for (const quality of qualities) {
      await pixels.clone().avif({ quality: Number(quality), chromaSubsampling: '4:2:0' }).toFile(path.join(folder, `${quality}.avif`));
    }
  },
  async decode(file, folder) {
    const photo = await whole(file);
    for (const name of readdirSync(folder).filter((name) => !name.endsWith('.png'))) {
      const { width, height } = await sharp(path.join(folder, name)).removeAlpha().png(PNG).toFile(path.join(folder, `${name}.png`));
      // All of its pixels are scaled: nothing is left out while it is decoded.
      const reference = sharp(photo.data, { raw: photo.raw }).resize({ width, height, fit: 'fill' });
      await reference.png(PNG).toFile(path.join(folder, `${name}.reference.png`));
    }
  },
  async enlarge(file, to, width, height) {
    const size = { width: Number(width), height: Number(height), fit: 'cover' };
    await sharp(file).resize(size).jpeg({ quality: 92, chromaSubsampling: '4:2:0' }).toFile(to);
  },
};

const [way, ...args] = process.argv.slice(2);
await ways[way](...args);
