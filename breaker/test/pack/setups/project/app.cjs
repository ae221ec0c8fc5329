/** The same application in CommonJS. */
const { CircuitOpenError, createBreaker, memoryStore } = require('fleet-breaker');
const { dynamoStore } = require('fleet-breaker/dynamodb');
const { dynamoLiteStore } = require('fleet-breaker/dynamodb-lite');
const { powertoolsListeners } = require('fleet-breaker/powertools');
const { breakerIn } = require('fleet-breaker/testing');

async function main() {
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
}

main();
