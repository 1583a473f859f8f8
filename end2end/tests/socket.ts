import { randomBytes } from 'node:crypto';
import http from 'node:http';
import https from 'node:https';

/** Sends a WebSocket upgrade request with this origin; returns the status, 101 on success. */
export function requestUpgrade(address: string, origin: string): Promise<number> {
  const url = new URL(address);
  const client = url.protocol === 'wss:' ? https : http;
  const request = client.request({
    // Only browsers resolve every *.localhost to loopback.
    host: url.hostname.endsWith('.localhost') ? '127.0.0.1' : url.hostname,
    port: url.port,
    path: url.pathname + url.search,
    servername: url.hostname,
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
    request.on('upgrade', (_, socket) => {
      socket.destroy();
      resolve(101);
    });
    request.on('response', (response) => {
      response.resume();
      resolve(response.statusCode ?? 0);
    });
    request.on('error', reject);
    request.end();
  });
}
