import { describe } from 'vitest';
import { describeEngines } from '../stores/engines.ts';
import { engineHarness, memoryHarness } from '../stores/harness.ts';
import { sharedSituations } from './shared.ts';

describe('on the memory store', () => sharedSituations(memoryHarness));

describeEngines((engine) => sharedSituations(() => engineHarness(engine())));
