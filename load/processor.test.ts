import { expect, test, vi } from 'vitest';

type Vars = { productId?: string; thinkMs?: number };

/** What `users` users do in their first `rounds` rounds, from a processor that was loaded afresh. */
async function choices({
  seed,
  users = 3,
  rounds = 5,
}: {
  seed: number;
  users?: number;
  rounds?: number;
}) {
  vi.resetModules();
  const { chooseProduct } = await import('./processor.mts');
  const settings = { seed, products: 20, thinkMinMs: 1000, thinkMaxMs: 2000 };
  const all = Array.from({ length: users }, () => ({
    vars: { ...settings } as Vars & typeof settings,
  }));
  const made: Vars[] = [];
  for (let round = 0; round < rounds; round++) {
    for (const user of all) {
      chooseProduct(undefined, user, { emit: () => {} }, () => {});
      made.push({ ...user.vars });
    }
  }
  return made;
}

test('the same seed gives the same products and pauses', async () => {
  expect(await choices({ seed: 1 })).toEqual(await choices({ seed: 1 }));
});

test('another seed gives others', async () => {
  const without = (all: Vars[]) => all.map(({ productId, thinkMs }) => [productId, thinkMs]);
  expect(without(await choices({ seed: 1 }))).not.toEqual(without(await choices({ seed: 2 })));
});

test('products spread over 1 to 20, pauses over 1 to 2 s', async () => {
  const made = await choices({ seed: 1, users: 20, rounds: 50 });
  const products = new Set(made.map(({ productId }) => Number(productId)));
  expect([...products].sort((a, b) => a - b)).toEqual(Array.from({ length: 20 }, (_, i) => i + 1));
  const pausesMs = made.map(({ thinkMs = Number.NaN }) => thinkMs);
  expect(Math.min(...pausesMs)).toBeGreaterThanOrEqual(1000);
  expect(Math.min(...pausesMs)).toBeLessThan(1020);
  expect(Math.max(...pausesMs)).toBeLessThanOrEqual(2000);
  expect(Math.max(...pausesMs)).toBeGreaterThan(1980);
});
