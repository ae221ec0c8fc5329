import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { dynamoStore } from 'fleet-breaker/dynamodb';
import { guarded } from './guarded.js';

const client = new DynamoDBClient({ maxAttempts: 1 });
const store = dynamoStore({ client, tableName: process.env.CIRCUIT_TABLE });

export const handler = guarded('recommendations', store);
