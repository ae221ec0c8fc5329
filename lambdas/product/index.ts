import { createLogger } from '../shared/logger.ts';
import { createHandler } from './handler.ts';

export const handler = createHandler({ log: createLogger(), now: Date.now });
