/**
 * Copies of the circuit's item, for reads that may be some milliseconds old. Each is an item of its
 * own key, so DynamoDB keeps it in a partition of its own (docs/adr/0010).
 */
import { type Circuit, SCHEMA_VERSION } from './circuit.ts';
import {
  type AttributeValue,
  CLEARED,
  type Condition,
  NO_EXPERIENCE,
  NO_STREAK,
  type Write,
} from './conditional-write.ts';

/** The key of the item that holds a copy; `number` counts from 1. */
export function copyName(name: string, number: number): string {
  return `${name}#mirror-${number}`;
}

/** Brings a copy of an earlier generation up to `circuit`. A later one refuses it. */
export function advanceCopy(circuit: Circuit): Write {
  return copyWrite(circuit, { attribute: 'generation', is: 'below', value: circuit.generation });
}

/** Makes a copy that has this generation, or does not exist, like `circuit`. */
export function replaceCopy(circuit: Circuit, generation: AttributeValue | undefined): Write {
  return copyWrite(circuit, { attribute: 'generation', is: 'equal', value: generation });
}

/**
 * A copy shows what a transition has made of the circuit, and no streak: that changes within a
 * generation, and copies are not told. A circuit without an item has copies all the same, or each read of one would have to
 * find out whether it is missing.
 */
function copyWrite(circuit: Circuit, condition: Condition): Write {
  return {
    operation: 'copy',
    conditions: [condition],
    set: {
      ...CLEARED,
      closedAtMs: undefined,
      ...circuit,
      ...NO_STREAK,
      ...NO_EXPERIENCE,
      schemaVersion: SCHEMA_VERSION,
    },
  };
}
