/**
 * CloudWatch keeps logs for as long as it was told to; here it is a number of bytes. Beyond it the streams that were
 * written longest ago are deleted, also that of an environment which is still there: it begins a new file.
 */
import { readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';

interface Retention {
  readonly logDir: string;
  readonly limitBytes: number;
  readonly everyMs: number;
}

interface Stream {
  readonly file: string;
  readonly bytes: number;
  readonly writtenAtMs: number;
}

/** What is left after a deletion, so that not every look has to delete. */
const KEPT_SHARE = 0.75;

/** Returns how to end it. */
export function limitLogs({ logDir, limitBytes, everyMs }: Retention): () => void {
  let work: Promise<void> = Promise.resolve();
  const look = () => {
    work = work.then(() => deleteOldest(logDir, limitBytes));
  };
  const timer = setInterval(look, everyMs).unref();
  return () => clearInterval(timer);
}

export async function deleteOldest(logDir: string, limitBytes: number): Promise<void> {
  const streams = await streamsIn(logDir);
  let excess = streams.reduce((sum, { bytes }) => sum + bytes, 0) - limitBytes;
  if (excess <= 0) return;
  excess += limitBytes * (1 - KEPT_SHARE);
  for (const { file, bytes } of streams.sort((a, b) => a.writtenAtMs - b.writtenAtMs)) {
    if (excess <= 0) return;
    await rm(file, { force: true });
    excess -= bytes;
  }
}

/** Streams may vanish meanwhile: somebody else may tidy up too. */
async function streamsIn(logDir: string): Promise<Stream[]> {
  const entries = await readdir(logDir, { recursive: true, withFileTypes: true }).catch(() => []);
  const files = entries.filter((entry) => entry.isFile());
  const streams = files.map(async ({ parentPath, name }) => {
    const file = join(parentPath, name);
    const found = await stat(file).catch(() => undefined);
    return found && { file, bytes: found.size, writtenAtMs: found.mtimeMs };
  });
  return (await Promise.all(streams)).filter((stream) => stream !== undefined);
}
