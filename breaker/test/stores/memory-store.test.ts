import { storeContract } from './contract.ts';
import { memoryHarness } from './harness.ts';
import { survivesLostAnswers } from './lost-answers.ts';
import { mirrorsContract } from './mirrors.ts';

storeContract(memoryHarness);
survivesLostAnswers(memoryHarness);
mirrorsContract(memoryHarness);
