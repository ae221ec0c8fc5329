/** An application of ECMAScript modules: prints what its second call meets, and what every entry offers. */
import { CircuitOpenError, createBreaker, memoryStore } from 'fleet-breaker';
import { dynamoStore } from 'fleet-breaker/dynamodb';
import { dynamoLiteStore } from 'fleet-breaker/dynamodb-lite';
import { powertoolsListeners } from 'fleet-breaker/powertools';
import { breakerIn } from 'fleet-breaker/testing';

const counted = [];
const metrics = { addMetric: (name) => counted.push(name) };
const store = memoryStore();
const listeners = powertoolsListeners({ metrics });
const breaker = createBreaker({ name: 'app', store, failureThreshold: 1, ...listeners });
const call = breaker.wrap(async () => {
  throw new Error('down');
});
const errors = [];
for (let i = 0; i < 2; i++) await call().catch((error) => errors.push(error));

const { breaker: opened } = breakerIn('OPEN');
dynamoStore({ client: { send() {} }, tableName: 'circuits' });
dynamoLiteStore({ tableName: 'circuits', region: 'us-east-1' });
console.log(
  JSON.stringify({
    errors: errors.map(({ name }) => name),
    isRefusal: errors[1] instanceof CircuitOpenError,
    opened: (await opened.status()).state,
    transitions: counted.filter((name) => name.startsWith('To')),
  }),
);
