import { randomBytes } from 'node:crypto';
import http from 'node:http';

/**
 * Opens a socket as a page of the site does, and hands each text frame to `hear`. Node's own client sets no `Origin`.
 * Answers with a function that closes it.
 */
export function openSocket(address, origin, hear) {
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
      let waiting = head;
      const take = () => {
        for (let frame = read(waiting); frame; frame = read(waiting)) {
          waiting = waiting.subarray(frame.end);
          if (frame.kind === TEXT) hear(frame.payload.toString());
          if (frame.kind === PING) socket.write(pong(frame.payload));
        }
      };
      socket.on('data', (part) => {
        waiting = Buffer.concat([waiting, part]);
        take();
      });
      take();
      resolve(() => socket.destroy());
    });
    request.on('response', (answer) => reject(new Error(`The socket answers ${answer.statusCode}`)));
    request.on('error', reject);
    request.end();
  });
}

const [TEXT, PING, PONG] = [0x1, 0x9, 0xa];

/** The first frame, if it is there as a whole. A server's frames are not masked (RFC 6455, 5.1). */
function read(bytes) {
  if (bytes.length < 2) return null;
  const kind = bytes[0] & 0x0f;
  const short = bytes[1] & 0x7f;
  const start = short === 127 ? 10 : short === 126 ? 4 : 2;
  if (bytes.length < start) return null;
  const length = short === 127 ? Number(bytes.readBigUInt64BE(2)) : short === 126 ? bytes.readUInt16BE(2) : short;
  const end = start + length;
  return bytes.length < end ? null : { kind, payload: bytes.subarray(start, end), end };
}

function pong(payload) {
  const mask = randomBytes(4);
  const masked = payload.map((byte, at) => byte ^ mask[at % 4]);
  return Buffer.concat([Buffer.from([0x80 | PONG, 0x80 | payload.length]), mask, masked]);
}
