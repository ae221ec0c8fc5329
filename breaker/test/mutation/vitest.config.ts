import { defineConfig, mergeConfig } from 'vitest/config';
import { BaseSequencer, type Reporter, type TestSpecification } from 'vitest/node';
import library from '../../vitest.config.ts';
import { weakened, weakening } from './weaken.ts';

/** These kill most mutants in no time: those without a condition, and Stryker's. */
const FIRST = process.env.WEAKENED
  ? ['/memory-store']
  : ['/protocol/', '/fleet/', '/gate', '/settlement'];
/** These take longest. */
const LAST = ['/memory-store', '/situations/'];

function rank({ moduleId }: TestSpecification): number {
  const first = FIRST.findIndex((part) => moduleId.includes(part));
  if (first >= 0) return first - FIRST.length;
  return LAST.findIndex((part) => moduleId.includes(part)) + 1;
}

/** The first test that fails ends a run. */
class QuickFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]) {
    return files.toSorted((a, b) => rank(a) - rank(b));
  }
}

/** Prints, as its last line, what conditions.ts wants to know. */
const verdict: Reporter = {
  onTestRunEnd(modules, errors) {
    const failed = modules.flatMap((module) => [...module.children.allTests('failed')]);
    const broken = [...modules.flatMap((module) => module.errors()), ...errors];
    const killers = failed.map(({ fullName, module }) => `${module.relativeModuleId}: ${fullName}`);
    console.log(JSON.stringify({ killers, broken: broken.map(({ message }) => message) }));
  },
};

/** On a mutant that weaken.ts makes; Stryker makes its own, and has its own reporter. */
const onWeakened = {
  plugins: weakened ? [weakening(weakened)] : [],
  test: {
    bail: 1,
    maxWorkers: 1,
    // It knows a module by its source, of which a mutant differs only later.
    fsModuleCache: false,
    reporters: [verdict],
  },
};

const NO_ENGINE = ['**/pack/**', '**/stores/dynamodb-*', '**/stores/engines*'];
/** Its code is not mutated, and a module that one file mocks is mocked for all of them here. */
const LITE = ['**/stores/lite/**'];
/** They are slow and kill by luck, and a rule deserves a test of its own. */
const RANDOM = ['**/model.test.ts', '**/races.test.ts'];
/** It changes the sources by itself, on their way into its workers. */
const OWN_SOURCES = ['**/exploration.test.ts'];

/** The library's tests that need no engine. */
export default mergeConfig(
  mergeConfig(
    library,
    defineConfig({
      root: `${import.meta.dirname}/../..`,
      test: {
        exclude: ['**/node_modules/**', ...NO_ENGINE, ...LITE, ...RANDOM, ...OWN_SOURCES],
        isolate: false,
        env: { ENGINES: 'none' },
        sequence: { sequencer: QuickFirst },
      },
    }),
  ),
  process.env.WEAKENED ? onWeakened : {},
);
