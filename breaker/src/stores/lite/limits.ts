/**
 * How long a request may take, from its beginning to the end of the answer: as in the example of
 * `dynamoStore`. A connection that leads nowhere is closed then, and not kept.
 */
export const TIME_LIMIT_MS = 1_000;
/** An item has at most 400 KB; what is longer is no answer of DynamoDB. */
export const MAX_BYTES = 2 ** 20;
