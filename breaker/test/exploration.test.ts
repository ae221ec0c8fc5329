/** Every schedule of small fleets, up to a depth that takes seconds; `npm run explore` goes further. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { DEFECTS } from '../exploration/defects.ts';
import { type Job, type Message, type PlanResult, Thread, together } from '../exploration/jobs.ts';
import { planNames } from '../exploration/plans.ts';
import { withReaders } from '../exploration/private-state.ts';

const LIMITS = { maxMs: 60_000, recoverEvery: 4 };
const MINUTES = 120_000;

describe('Whatever order the steps of a small fleet come in, and whatever fails', {
  timeout: MINUTES,
}, () => {
  it('it keeps its promises, and can recover', async () => {
    const results = await together(planNames(), 2, async (plan, thread) => {
      const [result] = await thread.run({ ...LIMITS, plans: [plan], maxDepth: 4 });
      return result as PlanResult;
    });
    for (const { plan, problem, story, depth } of results)
      expect({ plan, problem, story, depth }).toEqual({ plan, depth: 4 });
    const states = results.reduce((sum, result) => sum + result.states, 0);
    expect(states).toBeGreaterThan(10_000);
  });
});

describe('The exploration is awake: it finds', { timeout: MINUTES }, () => {
  const problemIn = async (plan: string, by: Thread, job: Partial<Job>): Promise<unknown> => {
    const [result] = await by.run({ ...LIMITS, plans: [plan], maxDepth: 6, ...job });
    await by.end();
    return result?.problem;
  };

  it.each([
    ['openStreak', 'state', 'edits of a streak', 'I10'],
    ['claimProbe', 'openUntilMs', 'edits, half-open', 'I10'],
    ['takeOverProbe', 'probeLeaseUntilMs', 'a prober is gone, edits', 'I1'],
  ])('%s without its condition on %s', async (operation, attribute, plan, rule) => {
    const weakened = { operation, attribute, is: 'equal' };
    expect(await problemIn(plan, new Thread(), { weakened })).toMatch(rule);
  });

  const promised = new Map([
    ['a lease is not waited for', ['instances die, freeze', 'I1']],
    ['a prober that died is never replaced', ['instances die, freeze', 'I7']],
    ['a transition whose answer is lost is not published', ['writes of probes get lost', 'I5']],
    ['the generation does not grow', ['trips and recovers', 'I3']],
  ]);
  const defects = DEFECTS.filter(({ title }) => promised.has(title));

  it.each(defects)('that $title', async ({ title, ...change }) => {
    const [plan = '', rule = ''] = promised.get(title) ?? [];
    expect(await problemIn(plan, new Thread(change), {})).toMatch(rule);
  });
});

it('States that are taken to be the same go on in the same way', { timeout: MINUTES }, async () => {
  const thread = new Thread();
  const checked: unknown[] = [];
  const receive = (message: Message) => {
    if (message.kind === 'checked' && message.checked.unlike > 0) checked.push(message.checked);
  };
  await thread.run({ ...LIMITS, plans: planNames(), maxDepth: 3, isMergeCheck: true }, receive);
  await thread.end();
  expect(checked).toEqual([]);
});

it.each(DEFECTS)('The source still has the place where it is changed so that $title', (defect) => {
  const source = readFileSync(new URL(`../src/${defect.file}`, import.meta.url), 'utf8');
  expect(source).toContain(defect.replace);
});

it('What a class keeps to itself can be read while it is explored, and nothing else changes', () => {
  const source = [
    'export class Some {',
    '  readonly #a = 1;',
    '  #b: number | undefined;',
    '',
    '  get #c(): number {',
    '    return this.#a;',
    '  }',
    '',
    '  async #d(): Promise<void> {',
    '    this.#b = this.#c;',
    '    await this.#d();',
    '  }',
    '}',
    '',
  ].join('\n');
  const reader =
    "  [Symbol.for('fleet-breaker.private-state')]() { return { a: this.#a, b: this.#b }; }\n";
  expect(withReaders(source)).toBe(source.replace('{\n', `{\n${reader}`));
});
