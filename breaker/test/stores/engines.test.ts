import { storeContract } from './contract.ts';
import { behavesLikeMemory } from './differential.ts';
import { survivesLostAnswers } from './lost-answers.ts';
import { mirrorsContract } from './mirrors.ts';
import { describeTableStores } from './table-stores.ts';

describeTableStores((harness) => {
  storeContract(harness);
  survivesLostAnswers(harness);
  behavesLikeMemory(harness);
  mirrorsContract(harness);
});
