import { describe } from 'vitest';
import { describeEngines } from '../stores/engines.ts';
import { engineHarness, memoryHarness } from '../stores/harness.ts';
import { everyStoreSituations } from './every-store.ts';

describe('on the memory store', () => everyStoreSituations(memoryHarness));

describeEngines((engine) => everyStoreSituations(() => engineHarness(engine())));
