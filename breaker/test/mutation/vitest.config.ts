import { defineConfig, mergeConfig } from 'vitest/config';
import { BaseSequencer, type Reporter, type TestSpecification } from 'vitest/node';
import library from '../../vitest.config.ts';
import { type Mutant, mutation } from './weaken.ts';

const { MUTANT } = process.env;

/** Prints, as its last line, what run.ts wants to know. */
const verdict: Reporter = {
  onTestRunEnd(modules, errors) {
    const failed = modules.flatMap((module) => [...module.children.allTests('failed')]);
    const broken = [...modules.flatMap((module) => module.errors()), ...errors];
    const killers = failed.map(({ fullName, module }) => `${module.relativeModuleId}: ${fullName}`);
    console.log(JSON.stringify({ killers, broken: broken.map(({ message }) => message) }));
  },
};

/** Those that kill most mutants in no time come first, and those that take longest last. */
const ORDER = [
  'memory-store',
  'writes',
  'transitions',
  'view',
  'options',
  'contacts',
  'situations',
];
const rank = ({ moduleId }: TestSpecification) =>
  (ORDER.findIndex((name) => moduleId.includes(name)) + ORDER.length + 1) % (ORDER.length + 1);

class QuickFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]) {
    return files.toSorted((a, b) => rank(a) - rank(b));
  }
}

/** The library's tests that need no engine, on one mutant of it, until the first of them fails. */
export default mergeConfig(
  library,
  defineConfig({
    root: `${import.meta.dirname}/../..`,
    plugins: MUTANT ? [mutation(JSON.parse(MUTANT) as Mutant)] : [],
    test: {
      exclude: ['**/node_modules/**', '**/pack/**', '**/stores/dynamodb-*', '**/stores/engines*'],
      bail: 1,
      sequence: { sequencer: QuickFirst },
      isolate: false,
      maxWorkers: 1,
      // It knows a module by its source, of which a mutant differs only later.
      fsModuleCache: false,
      env: { ENGINES: 'none' },
      reporters: [verdict],
    },
  }),
);
