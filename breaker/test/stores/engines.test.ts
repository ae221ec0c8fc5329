import { storeContract } from './contract.ts';
import { behavesLikeMemory } from './differential.ts';
import { describeEngines } from './engines.ts';
import { engineHarness } from './harness.ts';
import { survivesLostAnswers } from './lost-answers.ts';
import { mirrorsContract } from './mirrors.ts';

describeEngines((engine) => {
  storeContract(() => engineHarness(engine()));
  survivesLostAnswers(() => engineHarness(engine()));
  behavesLikeMemory(() => engineHarness(engine()));
  mirrorsContract(() => engineHarness(engine()));
});
