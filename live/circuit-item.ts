/** Reads the circuit's item as it is stored. The only place that knows the names of its attributes. */
import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import type { CircuitState, StoredCircuit } from './frames.ts';

type Attributes = StoredCircuit['attributes'];

const STATES: readonly CircuitState[] = ['CLOSED', 'OPEN', 'HALF_OPEN'];

/** A missing item means a closed circuit. */
export function storedCircuit(
  item: Readonly<Record<string, AttributeValue>> | undefined,
): StoredCircuit {
  const attributes = plain(item ?? {});
  const text = (name: string) => String(attributes[name] ?? '');
  const number = (name: string) => {
    const value = attributes[name];
    return typeof value === 'number' ? value : undefined;
  };
  return {
    state: STATES.find((state) => state === attributes.state) ?? 'CLOSED',
    generation: number('generation') ?? 0,
    reason: item ? text('reason') : 'never written',
    updatedBy: text('updatedBy'),
    updatedAtMs: number('updatedAtMs'),
    openUntilMs: number('openUntilMs'),
    probeOwner: text('probeOwner') || undefined,
    probeLeaseUntilMs: number('probeLeaseUntilMs'),
    override: text('override') || undefined,
    overrideUntilMs: number('overrideUntilMs'),
    attributes,
  };
}

function plain(item: Readonly<Record<string, AttributeValue>>): Attributes {
  const entries = Object.entries(item).map(([name, value]) => [name, plainValue(value)] as const);
  return Object.fromEntries(entries.toSorted(([a], [b]) => a.localeCompare(b)));
}

function plainValue(value: AttributeValue): string | number | boolean {
  if (value.S !== undefined) return value.S;
  if (value.N !== undefined) return Number(value.N);
  return value.BOOL ?? JSON.stringify(value);
}
