/**
 * Runs the command in its arguments and ends it as soon as this process's input ends. The operating
 * system closes that pipe when the test worker stops, is killed or crashes, so no engine outlives it.
 */
import { spawn } from 'node:child_process';

const [command = '', ...args] = process.argv.slice(2);
const engine = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'] });
const end = () => engine.kill('SIGKILL');

let output = '';
for (const stream of [engine.stdout, engine.stderr])
  stream.setEncoding('utf8').on('data', (text: string) => {
    output = (output + text).slice(-2_000);
  });
engine.on('error', (error) => {
  console.error(`${command} does not start: ${error.message}`);
});
engine.on('close', (code) => {
  if (code) console.error(`${command} ended with ${code}:\n${output}`);
  process.exit(code ?? 0);
});
process.stdin.on('end', end).resume();
process.on('SIGINT', end).on('SIGTERM', end);
