import { describe } from 'vitest';
import { memoryHarness } from '../stores/harness.ts';
import { describeTableStores } from '../stores/table-stores.ts';
import { everyStoreSituations } from './every-store.ts';

describe('on the memory store', () => everyStoreSituations(memoryHarness));

describeTableStores(everyStoreSituations);
