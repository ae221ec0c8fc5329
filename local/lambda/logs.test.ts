import { describe, expect, it } from 'vitest';
import { reportLine } from './logs.ts';

const report = { requestId: 'r', durationMs: 12.344, memoryMb: 256, maxMemoryUsedMb: 31 };

describe('the REPORT line', () => {
  it.each([
    [
      'of a warm invocation bills its duration in whole milliseconds',
      report,
      'REPORT RequestId: r\tDuration: 12.34 ms\tBilled Duration: 13 ms\tMemory Size: 256 MB\tMax Memory Used: 31 MB',
    ],
    [
      'of a cold start says and bills the initialization too',
      { ...report, initMs: 100 },
      'REPORT RequestId: r\tDuration: 12.34 ms\tBilled Duration: 113 ms\tMemory Size: 256 MB\tMax Memory Used: 31 MB\tInit Duration: 100.00 ms',
    ],
    [
      'of a killed invocation says why',
      { ...report, status: 'timeout' as const },
      'REPORT RequestId: r\tDuration: 12.34 ms\tBilled Duration: 13 ms\tMemory Size: 256 MB\tMax Memory Used: 31 MB\tStatus: timeout',
    ],
  ])('%s', (_, given, line) => {
    expect(reportLine(given)).toBe(line);
  });
});
