import {
  ConditionalCheckFailedException,
  type DynamoDBClient,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb';
import type { Breaker } from 'fleet-breaker';

interface Stock {
  readonly breaker: Breaker;
  /** Its own retries are part of one call, and of that call's time. */
  readonly client: DynamoDBClient;
  readonly tableName: string;
}

/** Whether there was one left. A lost condition is an answer and counts for nothing. */
export async function takeOne({ breaker, client, tableName }: Stock, id: string): Promise<boolean> {
  const update = new UpdateItemCommand({
    TableName: tableName,
    Key: { id: { S: id } },
    UpdateExpression: 'ADD amount :minusOne',
    ConditionExpression: 'amount > :zero',
    ExpressionAttributeValues: { ':minusOne': { N: '-1' }, ':zero': { N: '0' } },
  });
  try {
    await breaker.execute((abortSignal) => client.send(update, { abortSignal }));
    return true;
  } catch (error) {
    if (error instanceof ConditionalCheckFailedException) return false;
    throw error;
  }
}
