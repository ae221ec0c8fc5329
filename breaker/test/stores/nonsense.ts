/** Items that a hand may leave, each with the attributes that the codec must complain of. */
import type { Item } from '../../src/protocol/circuit.ts';
import { FAILING } from './cases.ts';

interface Nonsense {
  readonly title: string;
  readonly item: Item;
  readonly complains: readonly string[];
}

const { generation: _, ...WITHOUT_GENERATION } = FAILING;
const { updatedBy: _by, updatedAtMs: _at, ...WITHOUT_STAMP } = FAILING;

export const NONSENSE: readonly Nonsense[] = [
  { title: 'a state that there is not', item: { ...FAILING, state: 'AJAR' }, complains: ['state'] },
  {
    title: 'a number as text, and text as a number',
    item: { ...FAILING, generation: '7', reason: 5 },
    complains: ['generation', 'reason'],
  },
  {
    title: 'other types',
    item: {
      ...FAILING,
      streakId: { BOOL: true },
      updatedBy: { NULL: true },
      reopenings: { L: [{ N: '2' }] },
      closedAtMs: { M: { at: { S: 'noon' } } },
    },
    complains: ['streakId', 'updatedBy', 'reopenings', 'closedAtMs'],
  },
  {
    title: 'negative numbers',
    item: { ...FAILING, streakFailures: -1, updatedAtMs: -5 },
    complains: ['streakFailures', 'updatedAtMs'],
  },
  { title: 'no generation', item: WITHOUT_GENERATION, complains: ['generation'] },
  { title: 'no stamp', item: WITHOUT_STAMP, complains: ['updatedBy', 'updatedAtMs'] },
  { title: 'a newer schema', item: { ...FAILING, schemaVersion: 3 }, complains: ['schemaVersion'] },
  {
    title: 'half a streak',
    item: { ...FAILING, streakStartedAtMs: undefined },
    complains: ['streakStartedAtMs'],
  },
  {
    title: 'open, but until when?',
    item: { ...FAILING, state: 'OPEN' },
    complains: ['openUntilMs', 'openDurationMs'],
  },
  {
    title: 'half-open without counters, and a probe without an end',
    item: { ...FAILING, state: 'HALF_OPEN', probeOwner: 'x' },
    complains: ['probesIssued', 'probesOk', 'probesFailed', 'probeLeaseUntilMs'],
  },
  {
    title: 'a word that nobody knows, until text',
    item: { ...FAILING, override: 'FORCED_AJAR', overrideUntilMs: 'noon' },
    complains: ['override', 'overrideUntilMs'],
  },
  {
    title: 'nothing at all',
    item: { note: 'cleared' },
    complains: ['schemaVersion', 'state', 'generation', 'streakId', 'reopenings', 'updatedAtMs'],
  },
].map(({ item, ...rest }) => ({ ...rest, item: JSON.parse(JSON.stringify(item)) }));
