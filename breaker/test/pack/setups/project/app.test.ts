/** A test as callers write it, run by Jest and Vitest in their default set-ups. */
import { CircuitOpenError, createBreaker, memoryStore } from 'fleet-breaker';
import { dynamoStore } from 'fleet-breaker/dynamodb';
import { breakerIn } from 'fleet-breaker/testing';

declare function test(name: string, run: () => Promise<void>): void;
declare function expect(value: unknown): { toBe(expected: unknown): void };

async function answerOf(breaker: ReturnType<typeof createBreaker>): Promise<string> {
  try {
    return await breaker.execute(async () => 'value');
  } catch (error) {
    if (error instanceof CircuitOpenError) return `refused by ${error.circuit}`;
    throw error;
  }
}

test('a closed circuit lets the call pass', async () => {
  const breaker = createBreaker({ name: 'shop', store: memoryStore() });
  expect(await answerOf(breaker)).toBe('value');
});

test('an open circuit refuses it until its period is over', async () => {
  const { breaker, clock } = breakerIn('OPEN', { name: 'shop', openMs: 1_000 });
  expect(await answerOf(breaker)).toBe('refused by shop');
  await clock.advance(1_000);
  expect(await answerOf(breaker)).toBe('value');
});

test('the DynamoDB store says what is wrong with its options', async () => {
  let message = '';
  try {
    dynamoStore({ client: {} as never, tableName: '' });
  } catch (error) {
    message = (error as Error).name;
  }
  expect(message).toBe('InvalidOptionsError');
});
