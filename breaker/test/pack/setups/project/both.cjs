/** One process that requires the library and imports it: prints what each copy makes of the other. */
const required = require('fleet-breaker');

async function main() {
  const imported = await import('fleet-breaker');
  const store = required.memoryStore();
  const outer = required.createBreaker({ name: 'both', store });
  const inner = imported.createBreaker({ name: 'both', store });
  await outer.forceOpen('drill');
  const refusal = await outer.execute(() => 'value').catch((error) => error);
  await outer.release();
  // The outer call is the probe; beside it, and not within it, a call is refused.
  const nested = await outer.execute(() => inner.execute(() => 'part of the probe'));
  console.log(
    JSON.stringify({
      copies: required.CircuitOpenError === imported.CircuitOpenError ? 1 : 2,
      isRefusal: refusal instanceof imported.CircuitOpenError,
      nested,
    }),
  );
}

main();
