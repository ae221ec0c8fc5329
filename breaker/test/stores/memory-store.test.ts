import { storeContract } from './contract.ts';
import { memoryHarness } from './harness.ts';
import { survivesLostAnswers } from './lost-answers.ts';

storeContract(memoryHarness);
survivesLostAnswers(memoryHarness);
