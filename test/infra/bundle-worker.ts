/** One execution environment: its own variables, set before the bundle is imported, and one invocation. */
import { parentPort, workerData } from 'node:worker_threads';
import { lambdaContext } from '../support/proxy-event.ts';

const { file, exported, event } = workerData;
const bundle = await import(file);
const answer = await bundle[exported](event, lambdaContext());
// What was printed before is there when this is.
for (const stream of [process.stdout, process.stderr]) {
  await new Promise((printed) => stream.write('', printed));
}
parentPort?.postMessage(answer);
