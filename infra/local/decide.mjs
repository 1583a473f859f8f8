// Decides by pbac. Reads a list of `{ policies, calls }`, each call with its action, its resource and the values of condition keys, and
// writes for each of them which calls the policies allow.

import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

const PBAC = createRequire(new URL('../../end2end/package.json', import.meta.url))('pbac');

const list = (value) => [value].flat();

// As pbac takes it, which looks at one key of an operator alone: another would allow too much.
function statement({ Action, Resource, ...rest }) {
  for (const [operator, keys] of Object.entries(rest.Condition ?? {})) {
    if (Object.keys(keys).length !== 1) throw new Error(`pbac cannot judge several keys of ${operator} in ${rest.Sid}`);
  }
  return { ...rest, Action: list(Action), Resource: list(Resource) };
}

// `{ 'dynamodb:LeadingKeys': … }` is `{ dynamodb: { LeadingKeys: … } }` to it.
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
