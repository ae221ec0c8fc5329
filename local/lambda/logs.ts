/**
 * CloudWatch rule: every execution environment writes one log stream: START, what the function prints, END and REPORT.
 * Billed Duration is in whole milliseconds and includes the initialization, which AWS bills since August 2025.
 */
import { appendFileSync } from 'node:fs';

/** Synchronous on purpose: the stream is complete when the answer arrives, also when the environment dies at once. */
export const appendLog = (logFile: string, ...lines: string[]): void =>
  appendFileSync(logFile, `${lines.join('\n')}\n`);

export interface Report {
  readonly requestId: string;
  readonly durationMs: number;
  readonly memoryMb: number;
  readonly maxMemoryUsedMb: number;
  /** Only in the first invocation of an environment. */
  readonly initMs?: number | undefined;
  readonly status?: 'timeout' | 'error';
}

export const startLine = (requestId: string): string =>
  `START RequestId: ${requestId} Version: $LATEST`;

export const endLine = (requestId: string): string => `END RequestId: ${requestId}`;

export function reportLine(report: Report): string {
  const { requestId, durationMs, initMs } = report;
  const fields = [
    `REPORT RequestId: ${requestId}`,
    `Duration: ${durationMs.toFixed(2)} ms`,
    `Billed Duration: ${Math.ceil(durationMs + (initMs ?? 0))} ms`,
    `Memory Size: ${report.memoryMb} MB`,
    `Max Memory Used: ${report.maxMemoryUsedMb} MB`,
  ];
  if (initMs !== undefined) fields.push(`Init Duration: ${initMs.toFixed(2)} ms`);
  if (report.status) fields.push(`Status: ${report.status}`);
  return fields.join('\t');
}
