/**
 * Stands in front of a gateway's bundle in a copy of its code that only the chaos tests make: the bundle
 * is as it is deployed, and a test can end or freeze the environment that it runs in.
 */
const { CHAOS_CHANNEL = '', CHAOS_STORE_URL } = process.env;
if (CHAOS_STORE_URL) process.env.AWS_ENDPOINT_URL_DYNAMODB = CHAOS_STORE_URL;
const bundle = await import('./index.mjs');

/** Of the invocation under way. */
let correlationId;

const channel = new BroadcastChannel(CHAOS_CHANNEL);
channel.onmessage = ({ data }) => {
  if (data.correlationId !== undefined && data.correlationId !== correlationId) return;
  if (data.does === 'end') process.exit(1);
  // Nothing of the environment runs meanwhile, neither timers nor sockets, and its clock goes on.
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, data.forMs);
};

export async function handler(event, context) {
  correlationId = event.headers?.['x-correlation-id'];
  try {
    return await bundle.handler(event, context);
  } finally {
    correlationId = undefined;
  }
}
