/** Uniform in [0, 1). */
export type Random = () => number;

/**
 * A stream of random numbers, the same for the same seed and name: arrivals do not shift because
 * something else asked for one number more. A counter run through an integer hash: the period of
 * 2^32 is far beyond what one run draws.
 */
export function randomStream(seed: number, name: string): Random {
  let counter = seed;
  for (const character of name) counter = scramble(counter ^ character.charCodeAt(0));
  return () => {
    counter = (counter + 0x6d2b79f5) | 0;
    return (scramble(counter) >>> 0) / 2 ** 32;
  };
}

export function between(random: Random, least: number, most: number): number {
  return least + random() * (most - least);
}

/** The time to the next event of a Poisson process. */
export function exponential(random: Random, mean: number): number {
  return -mean * Math.log(1 - random());
}

/** Log-normal: half of the values above `median`, about 5 % above `median * exp(1.645 * spread)`. */
export function logNormal(random: Random, median: number, spread: number): number {
  const normal = Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
  return median * Math.exp(spread * normal);
}

/**
 * By the value at each quantile, from the 0th to the last; between two of them the logarithm of the
 * value grows evenly.
 */
export function byQuantiles(
  random: Random,
  quantiles: readonly (readonly [share: number, value: number])[],
): number {
  const share = random();
  const next = quantiles.findIndex(([atShare]) => atShare > share);
  const [low, high] = [quantiles[next - 1], quantiles[next]];
  if (!low || !high) throw new Error('The quantiles have to reach from 0 to 1');
  const part = (share - low[0]) / (high[0] - low[0]);
  return low[1] * (high[1] / low[1]) ** part;
}

/** Whether something of the given probability happens. */
export function happens(random: Random, share: number): boolean {
  return random() < share;
}

function scramble(value: number): number {
  let x = value | 0;
  x = Math.imul(x ^ (x >>> 16), 0x7feb352d);
  x = Math.imul(x ^ (x >>> 15), 0x846ca68b);
  return x ^ (x >>> 16);
}
