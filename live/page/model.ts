/** What the page knows: the frames, put together. */
import {
  type Answered,
  type Cell,
  type CircuitTransition,
  type Frame,
  GATEWAYS,
  type Gateway,
  type Status,
  type Waiting,
} from '../frames.ts';

/** What the strips show. */
export const SHOWN_MS = 60_000;
const KEPT_TRANSITIONS = 8;

export class Model {
  readonly cells = new Map<number, Cell>();
  readonly waiting = new Map<number, Waiting>();
  readonly #answers: Record<Gateway, Answered[]> = { 'gateway-v1': [], 'gateway-v2': [] };
  transitions: readonly CircuitTransition[] = [];
  status: Status | undefined;
  /** The server's clock ahead of this one. */
  #aheadMs = 0;

  apply(frame: Frame, receivedAtMs: number): void {
    this.#aheadMs = frame.atMs - receivedAtMs;
    if (frame.isWhole) this.#forget();
    for (const cell of frame.cells) this.#applyCell(cell);
    for (const waiting of frame.waiting) this.waiting.set(waiting.id, waiting);
    for (const answer of frame.answers) this.#applyAnswer(answer);
    this.transitions = [...this.transitions, ...frame.transitions].slice(-KEPT_TRANSITIONS);
    this.status = frame.status ?? this.status;
    for (const gateway of GATEWAYS) this.#dropOld(gateway, frame.atMs);
  }

  /** On the server's clock. */
  nowMs(): number {
    return Date.now() + this.#aheadMs;
  }

  answersOf(gateway: Gateway): readonly Answered[] {
    return this.#answers[gateway];
  }

  waitingAt(gateway: Gateway): Waiting[] {
    return [...this.waiting.values()].filter((one) => one.gateway === gateway);
  }

  /** The answers stay: they are of the past, and a connection that was lost does not undo them. */
  #forget(): void {
    this.cells.clear();
    this.waiting.clear();
    this.transitions = [];
  }

  #applyCell(cell: Cell): void {
    if (cell.state === 'gone') this.cells.delete(cell.id);
    else this.cells.set(cell.id, cell);
  }

  #applyAnswer(answer: Answered): void {
    this.waiting.delete(answer.id);
    if (answer.outcome) this.#answers[answer.gateway].push(answer);
  }

  #dropOld(gateway: Gateway, nowMs: number): void {
    const answers = this.#answers[gateway];
    const first = answers.findIndex(({ atMs }) => atMs >= nowMs - SHOWN_MS);
    answers.splice(0, first < 0 ? answers.length : first);
  }
}
