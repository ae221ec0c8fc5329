import { storeContract } from './contract.ts';
import { memoryHarness } from './harness.ts';

storeContract(memoryHarness);
