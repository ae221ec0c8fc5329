/** Every schedule of small fleets, up to a depth that takes seconds; `npm run explore` goes further. */
import { afterAll, describe, expect, it } from 'vitest';
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
  const thread = new Thread();
  afterAll(() => thread.end());
  const find = async (by: Thread, job: Partial<Job>): Promise<string | undefined> => {
    const plans = planNames();
    const results = await by.run({ ...LIMITS, plans, maxMs: 1_000, maxDepth: 8, ...job });
    return results.find(({ problem }) => problem !== undefined)?.problem;
  };

  it.each([
    ['claimProbe', 'generation', 'equal', /^I/],
    ['trip', 'state', 'equal', /^I/],
    ['takeOverProbe', 'probeLeaseUntilMs', 'equal', /^I/],
  ])('%s without its condition on %s', async (operation, attribute, is, expected) => {
    expect(await find(thread, { weakened: { operation, attribute, is } })).toMatch(expected);
  });

  it.each(DEFECTS.slice(0, 2))('that $title', async ({ title: _, ...change }) => {
    const changed = new Thread(change);
    expect(await find(changed, {})).toMatch(/^I/);
    await changed.end();
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
