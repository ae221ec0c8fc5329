/** The entries that stand beside libraries of AWS, with the types of these. */
import { Logger } from '@aws-lambda-powertools/logger';
import { Metrics } from '@aws-lambda-powertools/metrics';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { App, Stack } from 'aws-cdk-lib';
import { createBreaker } from 'fleet-breaker';
import { CircuitAlarms, CircuitDashboard, CircuitTable } from 'fleet-breaker/cdk';
import { dynamoStore } from 'fleet-breaker/dynamodb';
import { powertoolsListeners } from 'fleet-breaker/powertools';

const store = dynamoStore({ client: new DynamoDBClient({}), tableName: 'circuits' });
const listeners = powertoolsListeners({ metrics: new Metrics(), logger: new Logger() });
export const breaker = createBreaker({ name: 'typed', store, ...listeners });

const stack = new Stack(new App(), 'Stack');
const table = new CircuitTable(stack, 'Circuits', { tableName: 'circuits' });
const source = { namespace: 'shop', service: 'gateway', circuit: 'prices' };
new CircuitAlarms(stack, 'Alarms', { source, table });
new CircuitDashboard(stack, 'Dashboard', { sources: [source], table });

// @ts-expect-error The key is not the caller's to choose.
new CircuitTable(stack, 'Other', { partitionKey: { name: 'id' } });
