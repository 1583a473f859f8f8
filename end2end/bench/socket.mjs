import { randomBytes } from 'node:crypto';
import http from 'node:http';

/**
 * Opens a WebSocket with an `Origin`, which Node's own client cannot set, and passes each text message to `onMessage`.
 * Returns a function that closes it.
 */
export function openSocket(address, origin, onMessage) {
  const url = new URL(address);
  const request = http.request({
    host: '127.0.0.1',
    port: url.port,
    path: url.pathname + url.search,
    headers: {
      Host: url.host,
      Origin: origin,
      Connection: 'Upgrade',
      Upgrade: 'websocket',
      'Sec-WebSocket-Version': '13',
      'Sec-WebSocket-Key': randomBytes(16).toString('base64'),
    },
  });
  return new Promise((resolve, reject) => {
    request.on('upgrade', (_, socket, head) => {
      let buffer = head;
      const readFrames = () => {
        for (let frame = read(buffer); frame; frame = read(buffer)) {
          buffer = buffer.subarray(frame.end);
          if (frame.opcode === TEXT) onMessage(frame.payload.toString());
          if (frame.opcode === PING) socket.write(pong(frame.payload));
        }
      };
      socket.on('data', (part) => {
        buffer = Buffer.concat([buffer, part]);
        readFrames();
      });
      readFrames();
      resolve(() => socket.destroy());
    });
    request.on('response', (response) => reject(new Error(`The WebSocket upgrade failed with ${response.statusCode}`)));
    request.on('error', reject);
    request.end();
  });
}

const [TEXT, PING, PONG] = [0x1, 0x9, 0xa];

/** The first complete frame, or null. A server's frames are not masked (RFC 6455, 5.1). */
function read(bytes) {
  if (bytes.length < 2) return null;
  const opcode = bytes[0] & 0x0f;
  const short = bytes[1] & 0x7f;
  const start = short === 127 ? 10 : short === 126 ? 4 : 2;
  if (bytes.length < start) return null;
  const length = short === 127 ? Number(bytes.readBigUInt64BE(2)) : short === 126 ? bytes.readUInt16BE(2) : short;
  const end = start + length;
  return bytes.length < end ? null : { opcode, payload: bytes.subarray(start, end), end };
}

function pong(payload) {
  const mask = randomBytes(4);
  const masked = payload.map((byte, at) => byte ^ mask[at % 4]);
  return Buffer.concat([Buffer.from([0x80 | PONG, 0x80 | payload.length]), mask, masked]);
}
