import { vi } from 'vitest';
import { storeContract } from './contract.ts';
import { behavesLikeMemory } from './differential.ts';
import { survivesLostAnswers } from './lost-answers.ts';
import { mirrorsContract } from './mirrors.ts';
import { describeTableStores } from './table-stores.ts';

// An engine takes longer than that to start well, or for a hundred writers at once on a busy machine.
vi.mock('../../src/stores/lite/limits.ts', async (original) => ({
  ...(await original<object>()),
  TIME_LIMIT_MS: 20_000,
}));

describeTableStores((harness) => {
  storeContract(harness);
  survivesLostAnswers(harness);
  behavesLikeMemory(harness);
  mirrorsContract(harness);
});
