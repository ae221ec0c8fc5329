import { Logger } from '@aws-lambda-powertools/logger';

/** What a handler may do with the logger, so that a test can hand in a plain object. */
export type Log = Pick<
  Logger,
  'addContext' | 'setCorrelationId' | 'getCorrelationId' | 'info' | 'warn' | 'error'
>;

/** Service name and level come from POWERTOOLS_SERVICE_NAME and LOG_LEVEL, which Powertools reads. */
export const createLogger = () => new Logger();
