import { defineConfig, mergeConfig } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';
import library from '../../vitest.config.ts';

/** These kill most mutants in no time. */
const FIRST = ['/protocol/', '/fleet/', '/memory-store'];
/** These take longest. */
const LAST = ['/situations/'];

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

/**
 * The library's tests that need no engine. The random ones (model, races) are left out: they are slow,
 * they kill by luck, and a rule deserves a test of its own.
 */
const EXCLUDED = ['**/node_modules/**', '**/pack/**', '**/stores/dynamodb-*', '**/stores/engines*'];
const RANDOM = ['**/model.test.ts', '**/races.test.ts'];

export default mergeConfig(
  library,
  defineConfig({
    test: {
      exclude: [...EXCLUDED, ...RANDOM],
      env: { ENGINES: 'none' },
      sequence: { sequencer: QuickFirst },
    },
  }),
);
