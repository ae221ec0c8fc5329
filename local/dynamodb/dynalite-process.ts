/** The whole of the dynalite child process: serves until the channel to its parent closes. */
import { createRequire } from 'node:module';

type Dynalite = (options: { createTableMs: number }) => {
  listen(port: number, host: string): void;
};

const dynalite = createRequire(import.meta.url)('dynalite') as Dynalite;

process.on('disconnect', () => process.exit());
dynalite({ createTableMs: 0 }).listen(Number(process.argv[2]), '127.0.0.1');
