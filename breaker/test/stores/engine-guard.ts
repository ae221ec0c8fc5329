/**
 * Runs the command in its arguments and ends it as soon as this process's input ends. The operating
 * system closes that pipe when the test worker stops, is killed or crashes, so no engine outlives it.
 */
import { spawn } from 'node:child_process';

/** What Java makes of the signal; others just end by it. */
const ENDED_BY_SIGTERM = 143;

const [command = '', ...args] = process.argv.slice(2);
const engine = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'] });
// Not SIGKILL: Java would leave a library that it has unpacked behind.
const end = () => engine.kill();

let output = '';
for (const stream of [engine.stdout, engine.stderr])
  stream.setEncoding('utf8').on('data', (text: string) => {
    output = (output + text).slice(-2_000);
  });
engine.on('error', (error) => {
  console.error(`${command} does not start: ${error.message}`);
});
engine.on('close', (code) => {
  const isWanted = !code || code === ENDED_BY_SIGTERM;
  if (!isWanted) console.error(`${command} ended with ${code}:\n${output}`);
  process.exit(isWanted ? 0 : code);
});
process.stdin.on('end', end).resume();
process.on('SIGINT', end).on('SIGTERM', end);
