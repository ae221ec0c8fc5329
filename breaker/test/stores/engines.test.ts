import { storeContract } from './contract.ts';
import { behavesLikeMemory } from './differential.ts';
import { describeEngines } from './engines.ts';
import { engineHarness } from './harness.ts';

describeEngines((engine) => {
  storeContract(() => engineHarness(engine()));
  behavesLikeMemory(() => engineHarness(engine()));
});
