import { mkdirSync, writeFileSync } from 'node:fs';

/** Percentile by nearest rank; `share` is from 0 to 1. */
export function percentile(values, share) {
  const sorted = values.toSorted((one, other) => one - other);
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)];
}

/** Median and 95th percentile under `<name>_p50_ms` and `<name>_p95_ms`. */
export function spread(name, milliseconds) {
  return {
    [`${name}_p50_ms`]: rounded(percentile(milliseconds, 0.5)),
    [`${name}_p95_ms`]: rounded(percentile(milliseconds, 0.95)),
  };
}

/** Rounds to three significant digits. */
export function rounded(value) {
  return Number(value.toPrecision(value >= 1000 ? Math.floor(Math.log10(value)) + 1 : 3));
}

/** Prints a bench's figures as a table and writes them to its file in `folder`. */
export function report(folder, name, figures) {
  const width = Math.max(...Object.keys(figures).map((key) => key.length));
  for (const [key, value] of Object.entries(figures)) {
    console.log(`  ${key.padEnd(width)}  ${value.toLocaleString('en').padStart(12)}`);
  }
  mkdirSync(folder, { recursive: true });
  writeFileSync(`${folder}/${name}.json`, `${JSON.stringify(figures, null, 2)}\n`);
}
