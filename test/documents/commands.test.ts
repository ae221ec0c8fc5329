/**
 * Every command that the README prints in a block is one of these. Most are run as they are printed;
 * of the others the right column says what runs the same program, or why nothing does.
 */
import { existsSync } from 'node:fs';
import { expect, test } from 'vitest';
import { blocksOf, commandsOf, textOf } from './pages.ts';

const FOLLOWED = 'test/readme/follow.test.ts';
const EMULATOR = 'test/localstack/scenario.test.ts';

/** Run as printed, but for free ports and for what the suite says of it. */
const RUN: Readonly<Record<string, string>> = {
  'npm run demo': FOLLOWED,
  'npm run report -- RUN RUN': FOLLOWED,
  'npm run live': FOLLOWED,
  'npm run local -- --fail': FOLLOWED,
  'curl -m 35 localhost:8080/product-details/1': FOLLOWED,
  'curl localhost:8090/product-details/1': FOLLOWED,
  'curl localhost:8090/circuit-status': FOLLOWED,
  'npm run logs -- transitions': FOLLOWED,
  'npm run fault -- off': FOLLOWED,
  'npm run circuit -- status --watch': FOLLOWED,
  'npm run circuit -- force-open --reason "maintenance" --for 60s': FOLLOWED,
  'npm run circuit -- release': FOLLOWED,
};

/** Not run as printed. */
const CHECKED: Readonly<Record<string, string>> = {
  'npm ci': '.ci/run',
  'npm run demo -- --scenario brownout': 'load/plan.test.ts',
  'npm run demo -- --scenario cascade': 'load/plan.test.ts',
  'npx cdk bootstrap': 'ops/localstack.ts',
  'npm run diff': 'ops/aws-commands.test.ts',
  'npm run deploy': 'ops/aws-commands.test.ts',
  'npm run demo -- --target aws': 'load/demo.test.ts',
  'npm run circuit -- status --watch --target aws': 'ops/aws-commands.test.ts',
  'npm run destroy': 'ops/aws-commands.test.ts',
  'npx artillery run -e v2 --target https://<id>.execute-api.<region>.amazonaws.com/demo load/artillery.yml':
    'load/artillery.test.ts',
  'npm run localstack:up && npm run localstack:deploy': EMULATOR,
  'npm run demo -- --target localstack --quick': 'load/demo.test.ts',
  'npm run localstack:destroy && npm run localstack:down': EMULATOR,
  'npm run ministack': '.ci/run',
};

const printed = blocksOf(textOf('README.md'), 'sh').flatMap(commandsOf);

test('every command in a block of the README is run, or it is said what stands for it', () => {
  const known = [...Object.keys(RUN), ...Object.keys(CHECKED)];
  expect(printed.filter((command) => !known.includes(command))).toEqual([]);
  expect(known.filter((command) => !printed.includes(command))).toEqual([]);
});

test('what stands for a command exists', () => {
  const files = [...Object.values(RUN), ...Object.values(CHECKED)];
  expect(files.filter((file) => !existsSync(file))).toEqual([]);
});
