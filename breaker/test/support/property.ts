/**
 * How many runs a property gets, and from which seed. A failure prints the seed and the path of its
 * smallest counterexample; give them back as FC_SEED and FC_PATH to run that one alone, and for
 * commands the replayPath as FC_REPLAY. FC_RUNS multiplies the number of runs.
 */
const { FC_SEED, FC_PATH, FC_RUNS, FC_REPLAY } = process.env;

export function runs(count: number) {
  const common = { seed: Number(FC_SEED ?? 20_260_101), numRuns: count * Number(FC_RUNS ?? 1) };
  return FC_PATH ? { ...common, path: FC_PATH, endOnFailure: true } : common;
}

export const replay = FC_REPLAY ? { replayPath: FC_REPLAY } : {};
