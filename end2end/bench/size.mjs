// What the browser loads, and how large each function is and how long it takes to start.
//
//     node size.mjs CLIENT_FOLDER BINARIES_FOLDER FOLDER_FOR_FIGURES DOOR...
//
// Functions read their settings from the stage that the environment names.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, readdirSync, statSync } from 'node:fs';
import http from 'node:http';
import path from 'node:path';
import { brotliCompressSync, constants } from 'node:zlib';
import { percentile, report, rounded } from './figures.mjs';

const STARTS = 11;
const PATIENCE_MS = 10_000;

const [client, binaries, figures, ...doors] = process.argv.slice(2);

/** Raw and compressed size of all files of the client with this ending. */
function clientSize(ending) {
  const files = readdirSync(client, { recursive: true }).filter((name) => name.endsWith(`.${ending}`));
  if (!files.length) throw new Error(`No .${ending} in ${client}`);
  const contents = files.map((name) => readFileSync(path.join(client, name)));
  const sum = (sizes) => sizes.reduce((one, other) => one + other, 0);
  return {
    [`client_${ending}_bytes`]: sum(contents.map((content) => content.length)),
    [`client_${ending}_brotli_bytes`]: sum(contents.map((content) => brotli(content).length)),
  };
}

function brotli(content) {
  const params = {
    [constants.BROTLI_PARAM_QUALITY]: 11,
    [constants.BROTLI_PARAM_LGWIN]: constants.BROTLI_MAX_WINDOW_BITS,
    [constants.BROTLI_PARAM_SIZE_HINT]: content.length,
  };
  return brotliCompressSync(content, { params });
}

/** Milliseconds from starting a binary to its first question for work. The runtime interface here has none to give. */
async function start(door) {
  const runtime = http.createServer();
  runtime.listen(0, '127.0.0.1');
  await once(runtime, 'listening');
  const began = performance.now();
  const child = spawn(path.join(binaries, door), { env: environment(runtime.address().port), stdio: 'ignore' });
  try {
    await Promise.race([
      once(runtime, 'request', { signal: AbortSignal.timeout(PATIENCE_MS) }),
      once(child, 'exit').then(([code]) => Promise.reject(new Error(`${door} ended with ${code}`))),
    ]);
    return performance.now() - began;
  } finally {
    child.kill('SIGKILL');
    runtime.closeAllConnections();
    runtime.close();
  }
}

function environment(port) {
  return {
    ...process.env,
    AWS_LAMBDA_RUNTIME_API: `127.0.0.1:${port}`,
    AWS_LAMBDA_FUNCTION_NAME: 'bench',
    AWS_LAMBDA_FUNCTION_VERSION: '$LATEST',
    AWS_LAMBDA_FUNCTION_MEMORY_SIZE: '512',
    AWS_LAMBDA_LOG_GROUP_NAME: 'bench',
    AWS_LAMBDA_LOG_STREAM_NAME: 'bench',
  };
}

const measured = { ...clientSize('wasm'), ...clientSize('js') };
for (const door of doors) {
  measured[`${door}_binary_bytes`] = statSync(path.join(binaries, door)).size;
  const starts = [];
  for (let at = 0; at < STARTS; at++) starts.push(await start(door));
  measured[`${door}_start_ms`] = rounded(percentile(starts, 0.5));
}
report(figures, 'size', measured);
