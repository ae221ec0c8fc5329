/** A link to a store, and what the tests of it have in common. */
import { VirtualTime } from '../../simulation/virtual-time.ts';
import { StoreError } from '../../src/errors.ts';
import { StoreLink } from '../../src/fleet/store-link.ts';

export const READ_MS = 60;
export const WRITE_MS = 120;
export const CONNECT_MS = 500;
export const IDLE_MS = 3_000;
export const HOUR_MS = 3_600_000;

/** How one attempt ends: `silent` never does. */
export type Ending = 'succeeds' | 'fails' | 'throttled' | 'disconnected' | 'silent';

export const ATTEMPTS: Record<Ending, () => Promise<string>> = {
  succeeds: async () => 'answer',
  fails: () => Promise.reject(new StoreError('unavailable', 'no connection')),
  throttled: () => Promise.reject(new StoreError('throttled', 'too fast')),
  disconnected: () => Promise.reject(new StoreError('disconnected', 'connection lost')),
  silent: () => new Promise(() => {}),
};

export type Kind = 'read' | 'patient read' | 'write';

/** A link, and what it does to its surroundings. `random`: 1 makes the back-off its longest. */
export function linkWith({ random = 1, readMs = READ_MS } = {}) {
  const time = new VirtualTime();
  const timers = new Set<object>();
  const downs: { error: StoreError; isDown: boolean }[] = [];
  const late: unknown[] = [];
  let skewMs = 0;
  const settings = {
    random: () => random,
    storeBudget: { readMs, writeMs: WRITE_MS, connectMs: CONNECT_MS },
    clock: {
      now: () => time.nowMs + skewMs,
      after(delayMs: number, callback: () => void) {
        const timer = {};
        timers.add(timer);
        const cancel = time.after(delayMs, () => {
          timers.delete(timer);
          callback();
        });
        return () => {
          timers.delete(timer);
          cancel();
        };
      },
    },
  };
  const link: StoreLink = new StoreLink(settings, (error) =>
    downs.push({ error, isDown: link.isDown }),
  );
  const onLate = (answer: unknown) => late.push(answer);
  const onFailure = () => {};

  /** Begins a contact; answers with its answer or its error. */
  function begin(kind: Kind, send: () => Promise<string>): Promise<unknown> {
    const contact =
      kind === 'write'
        ? link.write({ send, mayRepeat: false, onFailure, onLate })
        : link.read({ send, isPatient: kind === 'patient read', onLate });
    return contact.catch((error: StoreError) => error);
  }
  const contact = (kind: Kind, ending: Ending) => time.until(begin(kind, ATTEMPTS[ending]));
  /** A contact that is answered after that long, however long its budget is. */
  const slowContact = (kind: Kind, afterMs: number, ending: Ending = 'succeeds') =>
    begin(kind, () => time.wait(afterMs).then(ATTEMPTS[ending]));
  const setClockBack = (ms: number) => {
    skewMs -= ms;
  };
  const nowMs = () => settings.clock.now();
  return { time, timers, downs, late, link, onLate, contact, slowContact, setClockBack, nowMs };
}

/**
 * Makes contacts of one letter each: `r+` is a read that succeeds, `w-` a write that fails, `r~` a
 * read that is throttled, `r?` one that is never answered. `idle` lets more than IDLE_MS pass.
 */
export async function make(contacts: string, { time, contact }: ReturnType<typeof linkWith>) {
  const endings: Record<string, Ending> = {
    '+': 'succeeds',
    '-': 'fails',
    '~': 'throttled',
    '?': 'silent',
  };
  for (const each of contacts.split(' ').filter(Boolean)) {
    const ending = endings[each.slice(1)];
    if (ending) await contact(each.startsWith('r') ? 'read' : 'write', ending);
    else await time.run(each === 'idle' ? IDLE_MS + 1 : IDLE_MS);
  }
}
