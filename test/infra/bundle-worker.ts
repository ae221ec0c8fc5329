/** One execution environment: its own variables, set before the bundle is imported, and one invocation. */
import { parentPort, workerData } from 'node:worker_threads';
import { lambdaContext } from '../support/proxy-event.ts';

const { file, exported, event } = workerData;
const bundle = await import(file);
parentPort?.postMessage(await bundle[exported](event, lambdaContext()));
