import { expect, test } from 'vitest';
import { explain } from './targets.ts';

const error = (message: string, fields: object = {}) => Object.assign(new Error(message), fields);

test.each([
  [
    error('', { code: 'ECONNREFUSED' }),
    'ECONNREFUSED: nothing answers there; is the local run (or LocalStack) still running?',
  ],
  [error('Region is missing'), 'Region is missing: set AWS_REGION, or give your AWS profile one'],
  [
    error('The SSO session has expired', { name: 'CredentialsProviderError' }),
    'The SSO session has expired: sign in to AWS, or set AWS_PROFILE',
  ],
  [error('Function not found: f', { name: 'ResourceNotFoundException' }), 'Function not found: f'],
  [
    error('no answer', { name: 'StoreError', cause: error('You may not', { name: 'Denied' }) }),
    'You may not',
  ],
  [
    error('The item makes no sense', { name: 'StoreError', kind: 'malformed' }),
    'The item makes no sense: correct the item or delete it, for without one the circuit is closed',
  ],
  ['as it is', 'as it is'],
])(
  'an error ends a command with one line, and what to do where it does not say: %s',
  (thrown, words) => {
    expect(explain(thrown)).toBe(words);
  },
);
