import { figureOf, type Measured, ratioOf, type Table } from '../suite/results.ts';
import { bundles, limited, type Start, startAll } from './starts.ts';

const CASE = { memoryMb: 512, productMs: 30, runs: 7 };

const together = ({ initMs, requestMs }: Start) => initMs + requestMs;

export async function measure(): Promise<Measured> {
  const starts = await startAll(await bundles(), CASE);
  const [deployed = []] = starts.values();
  const rows = [...starts].map(([label, all]) => ({
    label,
    figures: [
      figureOf(all.map(({ initMs }) => initMs)),
      figureOf(all.map(({ requestMs }) => requestMs)),
      figureOf(all.map(together)),
      ratioOf(all.map(together), deployed.map(together)),
      figureOf(all.map(({ circuitMs }) => circuitMs)),
    ],
  }));
  const table: Table = {
    title: '',
    label: 'Bundle',
    columns: [
      'initialization, ms',
      'request, ms',
      'together, ms',
      'of the first',
      'circuit read, ms',
    ],
    rows,
    notes: [`The share of the processor is imitated by ${limited.kind}.`],
  };
  return { tables: [table], goals: [] };
}
