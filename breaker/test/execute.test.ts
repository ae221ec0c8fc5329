/** What a caller is given, and what onCall publishes of the call. */
import { CallTimeoutError, CircuitOpenError, FailedResultError } from 'fleet-breaker';
import { describe, expect, it } from 'vitest';
import { Fleet, type FleetOptions } from '../simulation/fleet.ts';

type Call = (signal: AbortSignal) => unknown;

/** What `execute` gives, or the error that it throws, without a fallback and with one. */
async function given(call: Call, options: FleetOptions = {}, prepare = async (_: Fleet) => {}) {
  const outcomes: unknown[] = [];
  let fellBackFor: unknown;
  const fallback = (error: unknown) => {
    fellBackFor = error;
    return 'fallback';
  };
  const fleet = new Fleet(options);
  await prepare(fleet);
  const { breaker, records } = fleet.add();
  for (const each of [{}, { fallback }])
    outcomes.push(await fleet.time.until(breaker.execute(call, each).catch((error) => error)));
  const [thrown, answered] = outcomes;
  return { thrown, answered, fellBackFor, record: records[0], name: fleet.name };
}

const trip = (fleet: Fleet) => fleet.trip();

describe('A caller gets', () => {
  it('the value of a call that succeeds', async () => {
    const { thrown, answered, record, name } = await given(() => 'value');
    expect([thrown, answered]).toEqual(['value', 'value']);
    expect(record).toEqual({ name, outcome: 'success', probe: false, latencyMs: 0 });
  });

  it('the error of a call that fails, or the fallback', async () => {
    const error = new Error('no');
    const result = await given(() => Promise.reject(error));
    expect(result).toMatchObject({ thrown: error, answered: 'fallback', fellBackFor: error });
    expect(result.record).toMatchObject({ outcome: 'failure', probe: false, error });
  });

  it('a value that counts as failed, or the fallback', async () => {
    const value = { status: 503 };
    const { thrown, answered, fellBackFor, record } = await given(() => value);
    expect([thrown, answered]).toEqual([value, 'fallback']);
    expect(fellBackFor).toBeInstanceOf(FailedResultError);
    expect(fellBackFor).toMatchObject({ cause: value });
    expect(record).toMatchObject({ outcome: 'failure' });
    expect(record).not.toHaveProperty('error');
  });

  it('an error that says nothing about health, whether or not there is a fallback', async () => {
    const error = { status: 404 };
    const { thrown, answered, record } = await given(() => Promise.reject(error));
    expect([thrown, answered]).toEqual([error, error]);
    expect(record).toMatchObject({ outcome: 'ignored', error });
  });

  it('a timeout, or the fallback, and the signal of the call is aborted with it', async () => {
    let signal: AbortSignal | undefined;
    const hang = (given: AbortSignal) => {
      signal = given;
      return new Promise(() => {});
    };
    const { thrown, answered, fellBackFor, record } = await given(hang, { callTimeoutMs: 700 });
    expect(thrown).toBeInstanceOf(CallTimeoutError);
    expect(answered).toBe('fallback');
    expect(signal?.reason).toBe(fellBackFor);
    expect(record).toMatchObject({ outcome: 'failure', latencyMs: 700, error: thrown });
  });

  it('a refusal with its reason and its duration, or the fallback', async () => {
    const { thrown, answered, fellBackFor, record, name } = await given(() => 'value', {}, trip);
    const refusal = { circuit: name, state: 'OPEN', generation: 1, reason: '5 x Error' };
    for (const error of [thrown, fellBackFor]) {
      expect(error).toBeInstanceOf(CircuitOpenError);
      expect(error).toMatchObject({ ...refusal, retryAfterMs: expect.any(Number) });
    }
    expect(thrown).toMatchObject({
      message: expect.stringContaining(`"${name}" is OPEN (5 x Error)`),
    });
    expect(answered).toBe('fallback');
    expect(record).toMatchObject({ outcome: 'refused', probe: false, latencyMs: 0, error: thrown });
  });

  it('a refusal without a stack, which would take longer than the rest of it', async () => {
    const { stackTraceLimit } = Error;
    const { thrown } = await given(() => 'value', {}, trip);
    const { stack, message } = thrown as CircuitOpenError;
    expect(stack).toBe(`CircuitOpenError: ${message}`);
    expect(Error.stackTraceLimit).toBe(stackTraceLimit);
  });

  it('a refusal by an open circuit when that is forced, whatever is beneath', async () => {
    const force = (fleet: Fleet) => fleet.time.until(fleet.add().breaker.forceOpen('drill'));
    const { thrown } = await given(() => 'value', {}, force);
    expect(thrown).toMatchObject({ state: 'OPEN', reason: 'drill', generation: 1 });
  });
});

it('A value that counts as failed by a classifier of its own is named as one', async () => {
  const classify = () => 'failure' as const;
  const fleet = new Fleet({ failureThreshold: 1, classify });
  const { breaker } = fleet.add();
  await fleet.time.until(breaker.execute(() => 'value'));
  expect(await fleet.item()).toMatchObject({ reason: '1 x a result that counts as failed' });
});

it('onCall marks a probe', async () => {
  const fleet = new Fleet({ openMs: 1_000 });
  await fleet.trip();
  await fleet.time.run(2_000);
  const { breaker, records } = fleet.add();
  await fleet.time.until(breaker.execute(() => 'value'));
  expect(records).toMatchObject([{ outcome: 'success', probe: true }]);
});
