import { setTimeout as sleep } from 'node:timers/promises';
import { createLogger } from '../shared/logger.ts';
import { loadConfig } from './config.ts';
import { createHandler } from './handler.ts';

const { simulateFailure, failureHangMs } = loadConfig(process.env);

export const handler = createHandler({
  fault: simulateFailure ? { hangMs: failureHangMs, sleep } : undefined,
  log: createLogger(),
  now: Date.now,
});
