/** For screen readers: what has changed, one sentence for each subject, and not more often than one can listen. */
import type { Status } from '../frames.ts';
import { byId, setText } from './dom.ts';
import { stateInForce } from './state-in-force.ts';

const PAUSE_MS = 5_000;

export class Announcer {
  readonly #place = byId('announcer');
  readonly #said = new Map<string, string>();
  #saidAtMs = 0;

  /** Says what is different from what was said last; what came and went in between is not said. */
  announce(status: Status, nowMs: number): void {
    if (nowMs - this.#saidAtMs < PAUSE_MS) return;
    const news = Object.entries(sentences(status, nowMs)).filter(
      ([subject, sentence]) => this.#said.get(subject) !== sentence,
    );
    if (news.length === 0) return;
    for (const [subject, sentence] of news) this.#said.set(subject, sentence);
    this.#saidAtMs = nowMs;
    setText(this.#place, news.map(([, sentence]) => sentence).join(' '));
  }
}

function sentences(status: Status, nowMs: number): Record<string, string> {
  const { fault, circuit, engine, users } = status;
  const state = circuit && stateInForce(circuit, nowMs).replace('_', ' ').toLowerCase();
  return {
    fault: `Recommendations are ${fault}.`,
    circuit: state ? `The circuit is ${state}.` : '',
    engine: engine.isRunning ? 'The table is there.' : 'The table is gone: instances decide alone.',
    users: `${users} users on each gateway.`,
  };
}
