import { PassThrough } from 'node:stream';
import { stripVTControlCharacters } from 'node:util';
import { expect, test } from 'vitest';
import { createDisplay, fitting, type Moment, piecesOf } from './display.ts';

const moment: Moment = {
  variant: 'v2',
  now: {
    ...{ elapsedSeconds: 64.2, waiting: 100, answersPerSecond: 64.04, latencyMsP95: 29_006 },
    outcomes: { ok: 12_345, degraded: 12_345, failed: 12_345 },
  },
  circuitState: 'HALF_OPEN',
  phase: { name: 'healthy again', fromSeconds: 54 },
  phaseSeconds: null,
};

const textOf = ([first, second]: ReturnType<typeof piecesOf>, columns = 200) =>
  [first, second].map((pieces) =>
    fitting(pieces, columns)
      .map(({ text }) => text)
      .join('  '),
  );

test('what failed and the state of the circuit come first, then the phase and its clock', () => {
  expect(textOf(piecesOf(moment))).toEqual([
    'v2  failed 12,345  circuit HALF_OPEN  healthy again 0:10',
    '    ok 12,345  degraded 12,345  64/s  p95 29 s  100 waiting',
  ]);
});

test('a phase with an end tells it, and its clock stops there while the fault is being switched', () => {
  const phase = { name: 'hanging', fromSeconds: 10 };
  const [first] = textOf(piecesOf({ ...moment, phase, phaseSeconds: 50, circuitState: undefined }));
  expect(first).toBe('v2  failed 12,345  hanging 0:50 of 0:50');
});

test('the largest figures of a full run fit 60 columns', () => {
  const lines = textOf(piecesOf(moment), 60);
  expect(lines.map((line) => line.length)).toEqual([56, 59]);
});

test('where there is less room, the ends are dropped and words stay whole', () => {
  expect(textOf(piecesOf(moment), 40)).toEqual([
    'v2  failed 12,345  circuit HALF_OPEN',
    '    ok 12,345  degraded 12,345  64/s',
  ]);
});

function terminal(fields: object) {
  const out = Object.assign(new PassThrough(), fields);
  const display = createDisplay(out as unknown as NodeJS.WriteStream);
  return { display, printed: () => String(out.read() ?? '') };
}

test('elsewhere than on a terminal there is a plain line every ten seconds and at each new phase', () => {
  const { display, printed } = terminal({});
  display.show(moment, 0);
  display.show(moment, 9_999);
  display.show({ ...moment, phase: { name: 'hanging', fromSeconds: 0 } }, 10_000);
  display.show({ ...moment, phase: { name: 'hanging', fromSeconds: 0 } }, 20_000);
  const lines = printed().trimEnd().split('\n');
  expect(lines).toHaveLength(3);
  expect(lines[0]).toBe(
    'v2  failed 12,345  circuit HALF_OPEN  healthy again 0:10  ok 12,345  degraded 12,345  64/s  p95 29 s  100 waiting',
  );
});

test('on a terminal the two lines are written over the last two, and stay in the end', () => {
  const { display, printed } = terminal({ isTTY: true, columns: 60 });
  display.show(moment, 0);
  expect(printed().endsWith('\x1b[1A\r')).toBe(true);
  display.finish(moment);
  const end = printed();
  expect(end.startsWith('\r\x1b[0J')).toBe(true);
  expect(stripVTControlCharacters(end).trimEnd().split('\n')).toHaveLength(2);
});
