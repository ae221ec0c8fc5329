/** What `npm run bench` writes to bench/results.json, and docs/performance.md is made of. */

export interface Results {
  readonly parts: readonly Part[];
}

/** The figures of one program, measured side by side in one run of it. */
export interface Part {
  readonly name: string;
  readonly title: string;
  /** What was measured, and how: in Markdown. */
  readonly about: string;
  readonly machine: Machine;
  readonly tables: readonly Table[];
  readonly goals: readonly Goal[];
}

/** What a part's program measures; the rest of it is added by the command. */
export type Measured = Pick<Part, 'tables' | 'goals'>;

export interface Machine {
  /** ISO 8601. */
  readonly measuredAt: string;
  readonly seconds: number;
  readonly processor: string;
  readonly processors: number;
  readonly node: string;
  /** The load average of the minute before the run: others share the machine. */
  readonly loadBefore: number;
}

export interface Table {
  readonly title: string;
  /** Of the first column. */
  readonly label: string;
  readonly columns: readonly string[];
  readonly rows: readonly Row[];
  readonly notes?: readonly string[];
}

export interface Row {
  readonly label: string;
  /** One for each column; null where there is nothing to measure. */
  readonly figures: readonly (Figure | null)[];
}

/** Several measurements of the same. */
export interface Figure {
  readonly median: number;
  readonly low: number;
  readonly high: number;
  readonly runs: number;
}

export interface Goal {
  readonly what: string;
  readonly unit: string;
  readonly atMost?: number;
  readonly atLeast?: number;
  readonly measured: number;
  /** Why it is missed, where that is known; shown only if it is. */
  readonly whyMissed?: string;
}

export function figureOf(values: readonly number[]): Figure {
  const sorted = values.toSorted((a, b) => a - b);
  const at = (share: number) => sorted[Math.floor((sorted.length - 1) * share)] ?? Number.NaN;
  return { median: at(0.5), low: at(0), high: at(1), runs: sorted.length };
}

/** The ratio of what was measured in the same turn: a slow minute of the machine is in both. */
export function ratioOf(values: readonly number[], to: readonly number[]): Figure {
  return figureOf(values.map((value, turn) => value / (to[turn] ?? Number.NaN)));
}

export function isMet({ measured, atMost = Infinity, atLeast = -Infinity }: Goal): boolean {
  return measured <= atMost && measured >= atLeast;
}
