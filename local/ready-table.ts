/** What a person needs to know once everything serves. */
import { styleText } from 'node:util';
import type { Cloud } from './cloud.ts';
import { apiPort } from './local-urls.ts';
import { portOf } from './ports.ts';
import { LOOPBACK } from './region.ts';

/** `styleText` leaves the text plain when standard output is no terminal. */
export function readyTable({ stack, ports, engine }: Cloud, hints: readonly string[]): string {
  const rows = stack.apis.flatMap((api) =>
    api.routes.map(({ method, path, functionName }) => {
      const fn = stack.functions.find(({ name }) => name === functionName);
      const limits = fn ? `${fn.memoryMb} MB, ${fn.functionTimeoutMs / 1000} s` : '';
      return [
        `${method}`,
        `http://localhost:${apiPort(stack, ports, api)}${path}`,
        functionName,
        limits,
      ];
    }),
  );
  const tables = stack.tables.map(({ TableName }) => TableName).join(', ');
  return [
    ...columns([['method', 'URL', 'function', 'memory, timeout'], ...rows]),
    '',
    `DynamoDB    http://${LOOPBACK}:${portOf(ports, 'dynamodb')} (${engine.name}): ${tables}`,
    `Lambda API  http://${LOOPBACK}:${portOf(ports, 'lambda')} to change functions' variables`,
    'files       .local/outputs.json, .local/logs/<function>/<environment>.log',
    ...hints,
    '',
  ].join('\n');
}

function columns([head = [], ...rows]: string[][]): string[] {
  const widths = head.map((_, i) =>
    Math.max(...[head, ...rows].map((row) => (row[i] ?? '').length)),
  );
  const line = (row: string[]) =>
    row
      .map((cell, i) => cell.padEnd(widths[i] ?? 0))
      .join('  ')
      .trimEnd();
  return [styleText('bold', line(head)), ...rows.map(line)];
}
