import { FailedResultError } from './errors.ts';
import { discardBody, httpAnswersIn } from './results/discard.ts';
import { type CallResult, propertyOf } from './results/result.ts';

/** An HTTP answer that is in the result is let go, unless the fallback passes it on. */
export async function answerInstead<F>(
  fallback: (error: unknown) => F | Promise<F>,
  result: CallResult,
): Promise<F> {
  const error = errorOf(result);
  try {
    const answer = await fallback(error);
    discardBodies(result, answer);
    return answer;
  } catch (thrown) {
    // The same error, thrown on, still carries its answer.
    if (thrown !== error) discardBodies(result, thrown);
    throw thrown;
  }
}

function discardBodies(result: CallResult, passedOn: unknown): void {
  for (const response of httpAnswersIn(result)) {
    const isPassedOn = passedOn === response || passedOn === propertyOf(response, 'body');
    if (!isPassedOn) discardBody(response);
  }
}

function errorOf(result: CallResult): unknown {
  if ('error' in result) return result.error;
  const { value } = result;
  return new FailedResultError('The call returned a failure', { cause: value });
}
