/**
 * Not an AWS rule but this machine's: loading a function is work for a processor, so hundreds of cold starts at once
 * would only slow each other down. At most `limit` run at a time, the others wait in line.
 */
export type StartGate = <T>(start: () => Promise<T>) => Promise<T>;

export function createStartGate(limit: number): StartGate {
  const line: (() => void)[] = [];
  let free = limit;
  return async (start) => {
    if (free > 0) free--;
    else await new Promise<void>((resolve) => line.push(resolve));
    try {
      return await start();
    } finally {
      const next = line.shift();
      if (next) next();
      else free++;
    }
  };
}
