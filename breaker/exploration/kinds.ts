/** Faults, words and edits that plans allow together. */
import type { Kind } from './steps.ts';

export const OF_INSTANCES: readonly Kind[] = ['die', 'freeze', 'ignore'];
export const OF_WRITES: readonly Kind[] = ['loseBefore', 'loseAfter', 'throttleWrite', 'repeat'];
export const OF_READS: readonly Kind[] = ['readOld', 'readFails', 'readThrottled'];
export const OF_CLOCKS: readonly Kind[] = ['clockAhead', 'clockBack'];
export const WORDS: readonly Kind[] = [
  'forceOpen',
  'forceClosed',
  'forceOpenShortly',
  'forceClosedShortly',
  'close',
  'release',
];
export const EDITS: readonly Kind[] = [
  'editOverride',
  'editOverrideEnd',
  'editState',
  'editWait',
  'editProbe',
];
