import { expect, test } from 'vitest';
import { render } from './render.ts';
import { figureOf, isMet, type Part, ratioOf } from './results.ts';

const part: Part = {
  name: 'speed',
  title: 'The speed of things',
  about: 'Things are measured in turns.',
  machine: {
    ...{ measuredAt: '2026-01-02T03:04:05.678Z', seconds: 12.3, loadBefore: 0.25 },
    ...{ processor: 'Abacus 3', processors: 2, node: '24.0.0' },
  },
  tables: [
    {
      title: 'CPU of a thing',
      label: 'Thing',
      columns: ['ns', 'of the floor'],
      rows: [
        { label: 'floor', figures: [figureOf([400, 500, 420]), figureOf([1])] },
        { label: 'ours', figures: [figureOf([1_234.56, 1_000, 1_100]), null] },
      ],
      notes: ['Nothing was refused.'],
    },
  ],
  goals: [
    { what: 'Ours of the floor', unit: 'x', atMost: 2.2, measured: 2.61, whyMissed: 'clocks' },
    { what: 'Throughput', unit: '', atLeast: 1.5, measured: 1.5 },
  ],
};

test('the page says of every goal whether it is met, and why not', () => {
  const page = render({ parts: [part] });
  expect(page).toContain('| Ours of the floor | at most 2.2 x | 2.61 x | no: clocks |\n');
  expect(page).toContain('| Throughput | at least 1.5 | 1.5 | yes |\n');
});

test('a figure is its median between its lowest and its highest; what was not measured is a dash', () => {
  const page = render({ parts: [part] });
  expect(page).toContain(`**CPU of a thing**

| Thing | ns | of the floor |
| --- | ---: | ---: |
| floor | 420 (400–500) | 1 |
| ours | 1,100 (1,000–1,235) | – |

- Nothing was refused.

\`npm run bench -- --only speed\`, 2026-01-02 03:04 UTC, 12 s;
2 × Abacus 3, Node.js 24.0.0, load before: 0.25.
`);
});

test('a ratio is taken in each turn, so that a slow turn is not in it', () => {
  expect(ratioOf([20, 2_000, 21], [10, 1_000, 10])).toEqual({
    ...{ median: 2, low: 2, high: 2.1, runs: 3 },
  });
});

test.each([
  [{ atMost: 2 }, 2, true],
  [{ atMost: 2 }, 2.1, false],
  [{ atLeast: 2 }, 1.9, false],
  [{ atMost: 2 }, Number.NaN, false],
])('a goal of %j is met by %d: %s', (bounds, measured, met) => {
  expect(isMet({ what: '', unit: '', measured, ...bounds })).toBe(met);
});
