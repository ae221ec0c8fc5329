import { dynamoLiteStore } from 'fleet-breaker/dynamodb-lite';
import { guarded } from './guarded.js';

const store = dynamoLiteStore({ tableName: process.env.CIRCUIT_TABLE });

export const handler = guarded('recommendations-lite', store);
