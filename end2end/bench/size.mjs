// Size of the client's files, and size and start time of each function.
//
//     node size.mjs CLIENT_FOLDER BINARIES_FOLDER FOLDER_FOR_FIGURES FUNCTION...
//
// Functions read their settings from the environment of the stage.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, readdirSync, statSync } from 'node:fs';
import http from 'node:http';
import path from 'node:path';
import { brotliCompressSync, constants } from 'node:zlib';
import { percentile, report, rounded } from './figures.mjs';

const STARTS = 11;
const TIMEOUT_MS = 10_000;

const [client, binaries, figures, ...functions] = process.argv.slice(2);

/** Raw and Brotli size of all client files with this extension. */
function clientSize(extension) {
  const files = readdirSync(client, { recursive: true }).filter((name) => name.endsWith(`.${extension}`));
  if (!files.length) throw new Error(`No .${extension} in ${client}`);
  const contents = files.map((name) => readFileSync(path.join(client, name)));
  const sum = (sizes) => sizes.reduce((one, other) => one + other, 0);
  return {
    [`client_${extension}_bytes`]: sum(contents.map((content) => content.length)),
    [`client_${extension}_brotli_bytes`]: sum(contents.map((content) => brotli(content).length)),
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

/** Milliseconds from spawning a binary to its first request to the Lambda runtime API, which is a stub here. */
async function start(name) {
  const runtime = http.createServer();
  runtime.listen(0, '127.0.0.1');
  await once(runtime, 'listening');
  const began = performance.now();
  const child = spawn(path.join(binaries, name), { env: environment(runtime.address().port), stdio: 'ignore' });
  try {
    await Promise.race([
      once(runtime, 'request', { signal: AbortSignal.timeout(TIMEOUT_MS) }),
      once(child, 'exit').then(([code]) => Promise.reject(new Error(`${name} exited with ${code}`))),
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
for (const name of functions) {
  measured[`${name}_binary_bytes`] = statSync(path.join(binaries, name)).size;
  const starts = [];
  for (let at = 0; at < STARTS; at++) starts.push(await start(name));
  measured[`${name}_start_ms`] = rounded(percentile(starts, 0.5));
}
report(figures, 'size', measured);
