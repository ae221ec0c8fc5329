/** Separate from the core, so that whoever uses another store does not load the AWS SDK. */
export { dynamoStore } from './stores/dynamodb-store.ts';
