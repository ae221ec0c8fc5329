/** The same functions with today's types: what the tests give them means the same in both. */
export { createBreaker, memoryStore } from '../../src/index.ts';
export { dynamoStore } from '../../src/stores/dynamodb-store.ts';
