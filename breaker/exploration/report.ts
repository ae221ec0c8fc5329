import type { Counts } from './explorer.ts';
import type { Message, PlanResult } from './jobs.ts';

const NAME_WIDTH = 30;

type Figures = Omit<Counts, 'depth'>;

export function headOf(): string {
  return row('plan', ['schedules', 'states', 'steps', 'recovered', 'depth', 'seconds']);
}

export function lineOf(result: PlanResult): string {
  const depth = result.isExhausted ? 'all' : String(result.depth);
  const outcome = result.problem ? `  ${result.problem}` : '';
  return row(result.plan, [...figuresOf(result), depth, secondsOf(result.ms)]) + outcome;
}

export function totalOf(results: readonly PlanResult[]): string {
  const broken = results.filter(({ problem }) => problem).length;
  const verdict = broken === 0 ? 'no promise broken' : `${broken} plans break a promise`;
  const { schedules, states, steps, recoveries, ms } = sumOf(results);
  const figures = figuresOf({ schedules, states, steps, recoveries, decided: 0, ms });
  return `${row('all', [...figures, '', secondsOf(ms)])}  ${verdict}`;
}

/** What all threads have done so far, as a line. */
export function progressOf(planCount: number) {
  const latest = new Map<string, Figures>();
  let done = 0;
  return {
    update(message: Message): void {
      if (message.kind === 'done' || message.kind === 'checked') return;
      const { plan, ...figures } =
        message.kind === 'explored' ? message.result : { plan: message.plan, ...message.counts };
      latest.set(plan, figures);
      if (message.kind === 'explored') done++;
    },
    line(): string {
      const [schedules, states, steps] = figuresOf(sumOf([...latest.values()]));
      return `  ... ${schedules} schedules, ${states} states, ${steps} steps, ${done} of ${planCount} plans`;
    },
  };
}

function sumOf(results: readonly Figures[]): Figures {
  const sum = { schedules: 0, states: 0, steps: 0, recoveries: 0, decided: 0, ms: 0 };
  for (const result of results)
    for (const name of Object.keys(sum) as (keyof Figures)[]) sum[name] += result[name];
  return sum;
}

function figuresOf({ schedules, states, steps, recoveries }: Figures): string[] {
  return [schedules, states, steps, recoveries].map((count) => count.toLocaleString('en-US'));
}

function secondsOf(ms: number): string {
  return (ms / 1_000).toFixed(1);
}

function row(name: string, cells: readonly string[]): string {
  return name.padEnd(NAME_WIDTH) + cells.map((cell) => cell.padStart(13)).join('');
}
