/** Items that a manual edit may leave, each with the attributes that the codec must name. */
import type { Item } from '../../src/protocol/circuit.ts';
import { FAILING } from './cases.ts';

interface Nonsense {
  readonly title: string;
  readonly item: Item;
  readonly problems: readonly string[];
}

const { generation: _, ...WITHOUT_GENERATION } = FAILING;
const { updatedBy: _by, updatedAtMs: _at, ...WITHOUT_STAMP } = FAILING;

export const NONSENSE: readonly Nonsense[] = [
  { title: 'a state that there is not', item: { ...FAILING, state: 'AJAR' }, problems: ['state'] },
  {
    title: 'a number as text, and text as a number',
    item: { ...FAILING, generation: '7', reason: 5 },
    problems: ['generation', 'reason'],
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
    problems: ['streakId', 'updatedBy', 'reopenings', 'closedAtMs'],
  },
  {
    title: 'negative numbers',
    item: { ...FAILING, streakScore: -1, updatedAtMs: -5 },
    problems: ['streakScore', 'updatedAtMs'],
  },
  { title: 'no generation', item: WITHOUT_GENERATION, problems: ['generation'] },
  { title: 'no stamp', item: WITHOUT_STAMP, problems: ['updatedBy', 'updatedAtMs'] },
  { title: 'a newer schema', item: { ...FAILING, schemaVersion: 3 }, problems: ['schemaVersion'] },
  {
    title: 'half a streak',
    item: { ...FAILING, streakStartedAtMs: undefined },
    problems: ['streakStartedAtMs'],
  },
  {
    title: 'open, but until when?',
    item: { ...FAILING, state: 'OPEN' },
    problems: ['openUntilMs', 'openDurationMs'],
  },
  {
    title: 'half-open without counters, and a probe without an end',
    item: { ...FAILING, state: 'HALF_OPEN', probeOwner: 'x' },
    problems: ['probesIssued', 'probesOk', 'probesFailed', 'probeLeaseUntilMs'],
  },
  {
    title: 'an override that there is not, until a time that is text',
    item: { ...FAILING, override: 'FORCED_AJAR', overrideUntilMs: 'noon' },
    problems: ['override', 'overrideUntilMs'],
  },
  {
    title: 'nothing at all',
    item: { note: 'cleared' },
    problems: ['schemaVersion', 'state', 'generation', 'streakId', 'reopenings', 'updatedAtMs'],
  },
].map(({ item, ...rest }) => ({ ...rest, item: JSON.parse(JSON.stringify(item)) }));
