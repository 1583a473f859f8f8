// A module worker that hashes files and makes previews off the main thread.

const EDGES = [400, 320, 256, 160];
const QUALITIES = [0.75, 0.55, 0.35];
const MAX_BYTES = 16_000;

// One file at a time, as each is read into memory as a whole.
let queue = Promise.resolve();
self.onmessage = ({ data }) => {
  queue = queue.then(() => respond(data));
};

async function respond({ id, blob, preview }) {
  try {
    const sha256 = base64(await crypto.subtle.digest('SHA-256', await blob.arrayBuffer()));
    postMessage({ id, sha256, ...(preview ? await makePreview(blob) : {}) });
  } catch (error) {
    postMessage({ id, error: error?.name ?? 'Error' });
  }
}

// A small upright JPEG of the image; empty if this browser cannot decode it, which does not prevent the upload.
async function makePreview(blob) {
  let image;
  try {
    image = await createImageBitmap(blob, { imageOrientation: 'from-image' });
    const { width, height } = image;
    const jpeg = await encode(image);
    return jpeg ? { width, height, jpeg: base64(await jpeg.arrayBuffer()) } : {};
  } catch {
    return {};
  } finally {
    image?.close();
  }
}

// The largest and best JPEG within the size limit.
async function encode(image) {
  for (const edge of EDGES) {
    const scale = Math.min(1, edge / Math.max(image.width, image.height));
    const scaled = (length) => Math.max(1, Math.round(length * scale));
    const canvas = new OffscreenCanvas(scaled(image.width), scaled(image.height));
    const context = canvas.getContext('2d');
    // JPEG has no transparency: without a background it would become black.
    context.fillStyle = 'white';
    context.fillRect(0, 0, canvas.width, canvas.height);
    context.imageSmoothingQuality = 'medium';
    context.drawImage(image, 0, 0, canvas.width, canvas.height);
    for (const quality of QUALITIES) {
      const jpeg = await canvas.convertToBlob({ type: 'image/jpeg', quality });
      if (jpeg.type === 'image/jpeg' && jpeg.size <= MAX_BYTES) return jpeg;
    }
  }
  return null;
}

function base64(buffer) {
  return btoa(Array.from(new Uint8Array(buffer), (byte) => String.fromCharCode(byte)).join(''));
}
