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
  gateways: {
    title: 'v2 beside v1',
    about: `The bundles as they are deployed, each in a process of its own that is asked directly; product and recommendations
answer from another, and so does the table, after 4 ms. One at a time is how Lambda asks an environment. More at once share
the environment's processor and the reads of its circuit, as on ECS and on Lambda Managed Instances. In the last two tables
a request comes 5 ms after the one before.`,
    module: '../gateways/measure.ts',
  },
  outage: {
    title: 'In an outage',
    about: `Five instances with a threshold of three failures share one circuit in memory, and make 50 calls a second
that hang. Then users come again and again, at most a second between two requests, to the whole stack in the local cloud
(call timeout 2 s, open period 5 s).`,
    module: '../outage/measure.ts',
  },
  'store-operations': {
    title: 'Operations of the store',
    about: `What one instance asks of the table in 1,000 calls, a hundred a second, with the default options; in simulated
time, so the same on every machine.`,
    module: '../store-operations/measure.ts',
  },
  'store-clients': {
    title: 'The store without the SDK',
    about: `CPU time of all threads for a read by either store of DynamoDB, and for what a new process does before its first answer:
it imports the bundle, which is not minified, and reads once. Each turn is a new process; the table is a server of another
process that answers at once, over plain HTTP: TLS is in none of the figures.`,
    module: '../store-operations/clients.ts',
  },
  'cold-start': {
    title: 'Cold starts of gateway-v2',
    about: `By how it is bundled, with 512 MB, which is 29 % of a processor during a request; the product answers after
30 ms. \`npm run bench:cold-start\` measures other sizes, and docs/adr/0005 decides.`,
    module: '../cold-start/measure.ts',
  },
  'local-cloud': {
    title: 'The local cloud',
    about: 'What the embedded cloud of `npm run local` and `npm run demo` takes itself.',
    module: '../local-cloud/measure.ts',
    nodeOptions: ['--expose-gc'],
  },
};
