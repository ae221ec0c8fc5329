import { describe, vi } from 'vitest';
import { memoryHarness } from '../stores/harness.ts';
import { describeTableStores } from '../stores/table-stores.ts';
import { everyStoreSituations } from './every-store.ts';

// An engine takes longer than that to start well, or for a hundred writers at once on a busy machine.
vi.mock('../../src/stores/lite/limits.ts', async (original) => ({
  ...(await original<object>()),
  TIME_LIMIT_MS: 20_000,
}));

describe('on the memory store', () => everyStoreSituations(memoryHarness));

describeTableStores(everyStoreSituations);
