import type { SQSBatchResponse, SQSEvent } from 'aws-lambda';
import type { Breaker } from 'fleet-breaker';

/** Sends on what one message holds. */
type Deliver = (body: string, signal: AbortSignal) => Promise<void>;

/**
 * Messages that could not be delivered go back to the queue, one by one. While
 * the circuit is open that takes no time: none of them reaches the downstream.
 */
export async function handleBatch(
  breaker: Breaker,
  { Records }: SQSEvent,
  deliver: Deliver,
): Promise<SQSBatchResponse> {
  const batchItemFailures: SQSBatchResponse['batchItemFailures'] = [];
  for (const { body, messageId } of Records) {
    try {
      await breaker.execute((signal) => deliver(body, signal));
    } catch {
      batchItemFailures.push({ itemIdentifier: messageId });
    }
  }
  return { batchItemFailures };
}
