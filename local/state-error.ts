import { relative } from 'node:path';

/** What the system says about a file that the local cloud needs, in words that say what to do. */
export function explainStart(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { code, path } = error as NodeJS.ErrnoException;
  if (!code || !path) return error.message;
  const file = relative('', path) || path;
  return `${file} cannot be used (${error.message}): make it writable, or remove it; the local cloud makes it anew`;
}
