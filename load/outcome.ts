export type Outcome = 'ok' | 'degraded' | 'failed';

export const OUTCOMES: readonly Outcome[] = ['ok', 'degraded', 'failed'];

/** ok: 200 with recommendations. degraded: 200 with a product but without them. failed: everything else. */
export function outcomeOf(status: number, body: string): Outcome {
  if (status !== 200) return 'failed';
  const answer = parseObject(body);
  if (!answer?.product) return 'failed';
  const { recommendations, degradedMode } = answer;
  const complete = Array.isArray(recommendations) && recommendations.length > 0;
  return complete && degradedMode !== true ? 'ok' : 'degraded';
}

function parseObject(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? { ...value } : undefined;
  } catch {
    return undefined;
  }
}
