// Reads files beside the page: a module worker, so that no drop of photos freezes it.

const EDGES = [400, 320, 256, 160];
const QUALITIES = [0.75, 0.55, 0.35];
const MOST_BYTES = 16_000;

// One at a time: each is held in memory whole while it is read.
let last = Promise.resolve();
self.onmessage = ({ data }) => {
  last = last.then(() => answer(data));
};

async function answer({ id, blob, preview }) {
  try {
    const sha256 = base64(await crypto.subtle.digest('SHA-256', await blob.arrayBuffer()));
    postMessage({ id, sha256, ...(preview ? await look(blob) : {}) });
  } catch (error) {
    postMessage({ id, error: error?.name ?? 'Error' });
  }
}

// A small JPEG of the picture, upright. Nothing where this browser cannot decode it: the photo is sent all the same.
async function look(blob) {
  let picture;
  try {
    picture = await createImageBitmap(blob, { imageOrientation: 'from-image' });
    const { width, height } = picture;
    const jpeg = await smallest(picture);
    return jpeg ? { width, height, jpeg: base64(await jpeg.arrayBuffer()) } : {};
  } catch {
    return {};
  } finally {
    picture?.close();
  }
}

async function smallest(picture) {
  for (const edge of EDGES) {
    const scale = Math.min(1, edge / Math.max(picture.width, picture.height));
    const side = (length) => Math.max(1, Math.round(length * scale));
    const canvas = new OffscreenCanvas(side(picture.width), side(picture.height));
    const pen = canvas.getContext('2d');
    // JPEG has no air: what one can see through would become black.
    pen.fillStyle = 'white';
    pen.fillRect(0, 0, canvas.width, canvas.height);
    pen.imageSmoothingQuality = 'medium';
    pen.drawImage(picture, 0, 0, canvas.width, canvas.height);
    for (const quality of QUALITIES) {
      const jpeg = await canvas.convertToBlob({ type: 'image/jpeg', quality });
      if (jpeg.type === 'image/jpeg' && jpeg.size <= MOST_BYTES) return jpeg;
    }
  }
  return null;
}

function base64(buffer) {
  return btoa(Array.from(new Uint8Array(buffer), (byte) => String.fromCharCode(byte)).join(''));
}
