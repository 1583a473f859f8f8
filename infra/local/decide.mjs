// Evaluates IAM policies with pbac. Reads a list of `{ policies, calls }`, where a call has an action, a resource and condition keys, and
// writes for each which of its calls are allowed.

import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

const PBAC = createRequire(new URL('../../end2end/package.json', import.meta.url))('pbac');

const list = (value) => [value].flat();

// In pbac's form. pbac evaluates only one key per operator: ignoring others would allow too much.
function statement({ Action, Resource, ...rest }) {
  for (const [operator, keys] of Object.entries(rest.Condition ?? {})) {
    if (Object.keys(keys).length !== 1) throw new Error(`pbac does not support several keys of ${operator} in ${rest.Sid}`);
  }
  return { ...rest, Action: list(Action), Resource: list(Resource) };
}

// pbac expects `{ 'dynamodb:LeadingKeys': … }` as `{ dynamodb: { LeadingKeys: … } }`.
function nested(context) {
  const services = {};
  for (const [key, value] of Object.entries(context)) {
    const [service, name] = key.split(':');
    (services[service] ??= {})[name] = value;
  }
  return services;
}

function decide({ policies, calls }) {
  const pbac = new PBAC(policies.map(({ Statement }) => ({ Version: '2012-10-17', Statement: list(Statement).map(statement) })));
  return calls.map(({ action, resource, context }) => pbac.evaluate({ action, resource, context: nested(context) }));
}

process.stdout.write(JSON.stringify(JSON.parse(readFileSync(0, 'utf8')).map(decide)));
