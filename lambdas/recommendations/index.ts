import { setTimeout as sleep } from 'node:timers/promises';
import { createLogger } from '../shared/logger.ts';
import { loadConfig } from './config.ts';
import { createHandler } from './handler.ts';

const { simulateFailure, failureHangMs, failurePercent } = loadConfig(process.env);

export const handler = createHandler({
  fault: simulateFailure
    ? { hangMs: failureHangMs, percent: failurePercent, random: Math.random, sleep }
    : undefined,
  log: createLogger(),
  now: Date.now,
});
