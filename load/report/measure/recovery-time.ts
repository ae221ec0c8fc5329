/** How long it took after the fault's end until everything was as before. Pure. */
import type { Request } from '../raw/requests.ts';
import type { CircuitReport, Recovery } from '../report.ts';

interface Aftermath {
  readonly requests: readonly Request[];
  readonly circuit: CircuitReport | null;
  readonly startedAtMs: number;
  readonly faultEndedAtMs: number;
}

export function recoveryAfter(aftermath: Aftermath): Recovery {
  const { requests, circuit, startedAtMs, faultEndedAtMs } = aftermath;
  return {
    fullServiceSeconds: fullServiceSeconds(requests, faultEndedAtMs),
    circuitClosedSeconds: circuitClosedSeconds(circuit, (faultEndedAtMs - startedAtMs) / 1000),
  };
}

function fullServiceSeconds(requests: readonly Request[], faultEndedAtMs: number): number | null {
  const arrivedAtMs = ({ sentAtMs, latencyMs }: Request) => sentAtMs + latencyMs;
  const incomplete = requests.filter(({ outcome }) => outcome !== 'ok').map(arrivedAtMs);
  const lastMs = incomplete.reduce((last, atMs) => Math.max(last, atMs), faultEndedAtMs);
  const isServedAfterwards = requests.some((request) => arrivedAtMs(request) > lastMs);
  return isServedAfterwards ? (lastMs - faultEndedAtMs) / 1000 : null;
}

function circuitClosedSeconds(
  circuit: CircuitReport | null,
  faultEndedSeconds: number,
): number | null {
  if (!circuit) return null;
  const last = circuit.transitions.at(-1);
  if (!last) return 0;
  return last.to === 'CLOSED' ? Math.max(0, last.atSeconds - faultEndedSeconds) : null;
}
