/** The parts of `npm run bench`. Each is a program of its own: what one has made hot would change another's figures. */

export interface PartSpec {
  readonly title: string;
  readonly about: string;
  readonly module: string;
  readonly nodeOptions?: readonly string[];
}

export const PARTS: Readonly<Record<string, PartSpec>> = {
  'guarded-call': {
    title: 'A guarded call',
    about: `CPU time of the calling thread and bytes allocated for one call of \`execute\`, in process, one call after the other.
The *floor* is what everybody has to write who wants calls to end in time: the bare call, a timer and an
AbortController. fleet-breaker always bounds its calls; opossum and cockatiel are compared with a timeout of 2 s, and
shown without one. The store is in memory, so that a read costs what the library makes of it, and no more.`,
    module: '../guarded-call/measure.ts',
    nodeOptions: ['--expose-gc', '--min-semi-space-size=64', '--max-semi-space-size=64'],
  },
};
