import { setTimeout as sleep } from 'node:timers/promises';
import { createLogger } from '../shared/logger.ts';
import { loadConfig } from './config.ts';
import type { Fault } from './fault.ts';
import { createHandler } from './handler.ts';

const config = loadConfig(process.env);
const fault: Fault = {
  hangMs: config.failureHangMs,
  percent: config.failurePercent,
  untilMs: config.simulateUntilMs,
  random: Math.random,
  sleep,
};

export const handler = createHandler({
  fault: config.simulateFailure ? fault : undefined,
  log: createLogger(),
  now: Date.now,
});
