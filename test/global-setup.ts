import { synthesize } from '../local/synth.ts';

/** Once for all suites, so that they share one up-to-date cdk.out. */
export default async function setup() {
  await synthesize();
}
