/** The bundle of the test stack: one handler per rule that is tested. */
const environment = Math.random();
let invocations = 0;

const answer = (body) => ({ statusCode: 200, body: JSON.stringify(body) });
const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/** Answers what the function sees. */
export const echo = async (event, { getRemainingTimeInMillis, ...context }) => {
  console.log(JSON.stringify({ seen: event.path }));
  const remainingMs = getRemainingTimeInMillis();
  return answer({
    environment,
    invocations: ++invocations,
    event,
    context,
    remainingMs,
    env: process.env,
  });
};

/** Answers after `?ms=`, and says so in the log. */
export const slow = async (event) => {
  await sleep(Number(event.queryStringParameters.ms));
  console.log('slow has finished');
  return answer({ environment, greeting: process.env.GREETING });
};

export const spin = () => {
  console.log('spinning');
  for (;;);
};

/** Does what `?how=` says, if it names a way to fail. */
export const moody = async (event) => {
  switch (event.queryStringParameters?.how) {
    case 'throw':
      throw new TypeError('a bad day');
    case 'exit':
      return process.exit(3);
    case 'crash':
      setTimeout(() => {
        throw new Error('from nowhere');
      });
      return sleep(10_000);
    case 'malformed':
      return { code: 200 };
    default:
      return answer({ environment, invocations: ++invocations });
  }
};
