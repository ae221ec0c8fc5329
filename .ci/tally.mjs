/** Adds up the results of all suites in a folder of vitest's JSON reports. Fails on a failure, or on none run. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const folder = process.argv[2];
const reports = readdirSync(folder).map((name) =>
  JSON.parse(readFileSync(join(folder, name), 'utf8')),
);
const sum = (key) => reports.reduce((total, report) => total + report[key], 0);
const passed = sum('numPassedTests');
// A suite that could not be loaded has no tests to fail.
const broken = reports.filter((report) => !report.success && report.numFailedTests === 0).length;
const failed = sum('numFailedTests') + broken;
console.log(
  `${passed} passed, ${failed} failed, ${sum('numPendingTests') + sum('numTodoTests')} skipped`,
);
process.exitCode = failed > 0 || passed === 0 ? 1 : 0;
