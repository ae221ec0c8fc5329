/** Reads resolved properties of a template's resources; every error names the resource and the property. */
import type { Resource } from './assembly.ts';
import { createResolver, isRecord, type Lookup } from './intrinsics.ts';

export interface Reader {
  /** Logical ids of the resources of a type. */
  ofType(type: string): string[];
  /** `name` may lead into nested properties: `Integration.Uri`. */
  property(logicalId: string, name: string): unknown;
  text(logicalId: string, name: string): string;
  number(logicalId: string, name: string): number | undefined;
}

export function createReader(resources: Record<string, Resource>, lookup: Lookup): Reader {
  const resolve = createResolver(lookup);
  const where = (id: string, name: string) => `${id} (${resources[id]?.Type}), property ${name}`;
  const property = (id: string, name: string) =>
    resolve(nested(resources[id]?.Properties, name), where(id, name));
  return {
    ofType: (type) => Object.keys(resources).filter((id) => resources[id]?.Type === type),
    property,
    text(id, name) {
      const value = property(id, name);
      if (typeof value === 'string') return value;
      throw new Error(`${where(id, name)}: the local cloud needs a text here`);
    },
    number(id, name) {
      const value = property(id, name);
      return value === undefined ? undefined : Number(value);
    },
  };
}

const nested = (properties: unknown, name: string): unknown =>
  name.split('.').reduce((at, key) => (isRecord(at) ? at[key] : undefined), properties);
