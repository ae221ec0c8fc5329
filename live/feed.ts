/**
 * Turns the events of the local cloud into frames for the page. An environment that was busy ten times within one
 * frame is sent once; a request that came and was answered within it is sent as an answer only.
 */
import { type Outcome, outcomeOf } from '../load/outcome.ts';
import type { CloudEvent } from '../local/observer.ts';
import { storedCircuit } from './circuit-item.ts';
import {
  type Answered,
  type Cell,
  type CircuitState,
  type CircuitTransition,
  type Fault,
  type Frame,
  FUNCTIONS,
  type FunctionPart,
  GATEWAYS,
  type Status,
  type Waiting,
} from './frames.ts';
import { type CircuitLine, circuitLines } from './function-logs.ts';

type Event<K extends CloudEvent['kind']> = Extract<CloudEvent, { kind: K }>;

interface Environment extends Cell {
  /** Under which its breaker signs its writes, as far as that is known. */
  readonly instanceId: string | undefined;
  /** How it sees the circuit while it decides alone. */
  readonly ownState: CircuitState;
}

const FAILING_PART: FunctionPart = 'recommendations';
const ROUTE = '/product-details/{id}';
const KEPT_TRANSITIONS = 8;

export class Feed {
  readonly #environments = new Map<string, Environment>();
  readonly #waiting = new Map<string, Waiting>();
  readonly #lastTransitions: CircuitTransition[] = [];
  #status: Omit<Status, 'alone'> = {
    fault: 'healthy',
    users: 0,
    engine: { isRunning: true, end: undefined },
    circuit: undefined,
  };
  #nextNumber = 1;
  #news = noNews();

  add(event: CloudEvent): void {
    switch (event.kind) {
      case 'environment':
        this.#addEnvironment(event);
        break;
      case 'request':
        this.#addRequest(event);
        break;
      case 'answer':
        this.#addAnswer(event);
        break;
      case 'log':
        for (const line of circuitLines(event.text)) this.#addLine(event.environment, line);
        break;
      case 'engine':
        this.#set({ engine: { isRunning: event.state === 'running', end: event.end } });
        break;
      case 'table':
        this.#set({ circuit: storedCircuit(event.items[0]) });
        break;
      case 'variables':
        if (partOf(event.functionName) === FAILING_PART) {
          this.#set({ fault: faultOf(event.variables) });
        }
        break;
    }
  }

  setUsers(users: number): void {
    this.#set({ users });
  }

  /** Everything that a page needs to begin with. */
  whole(nowMs: number): Frame {
    return {
      atMs: nowMs,
      isWhole: true,
      cells: [...this.#environments.values()].map(toCell),
      waiting: [...this.#waiting.values()],
      answers: [],
      transitions: [...this.#lastTransitions],
      status: this.#wholeStatus(),
    };
  }

  /** What has happened since the last call; undefined: nothing. */
  take(nowMs: number): Frame | undefined {
    const news = this.#news;
    this.#news = noNews();
    const cells = [...news.environments].flatMap((key) => this.#environments.get(key) ?? []);
    for (const key of news.environments) this.#forgetIfGone(key);
    const frame: Frame = {
      atMs: nowMs,
      isWhole: false,
      cells: cells.map(toCell),
      waiting: [...news.waiting].flatMap((id) => this.#waiting.get(id) ?? []),
      answers: news.answers,
      transitions: news.transitions,
      status: news.isStatusChanged ? this.#wholeStatus() : undefined,
    };
    return isEmpty(frame) ? undefined : frame;
  }

  #addEnvironment({ functionName, environment: key, state, atMs }: Event<'environment'>): void {
    const part = partOf(functionName);
    if (!part) return;
    if (!this.#environments.has(key)) {
      this.#environments.set(key, newEnvironment(part, this.#nextNumber++));
    }
    this.#change(key, { state, sinceMs: atMs });
    if (state === 'gone' && this.#environments.get(key)?.isAlone) this.#news.isStatusChanged = true;
  }

  #addRequest({ id, api, route, atMs }: Event<'request'>): void {
    const gateway = GATEWAYS.find((one) => one === api);
    if (!gateway || route !== ROUTE) return;
    this.#waiting.set(id, { gateway, id: this.#nextNumber++, sinceMs: atMs });
    this.#news.waiting.add(id);
  }

  #addAnswer({ id, status, result, latencyMs, atMs }: Event<'answer'>): void {
    const asked = this.#waiting.get(id);
    if (!asked) return;
    this.#waiting.delete(id);
    const { gateway, id: number } = asked;
    const outcome = status === undefined ? undefined : outcomeOfResult(status, result);
    const roundedMs = Math.round(latencyMs * 10) / 10;
    this.#news.answers.push({ gateway, id: number, atMs, latencyMs: roundedMs, outcome });
  }

  #addLine(key: string, line: CircuitLine): void {
    this.#news.isStatusChanged = true;
    if ('transition' in line) this.#addTransition(key, line.transition);
    else this.#change(key, { isAlone: !line.isStoreAvailable });
  }

  #addTransition(key: string, transition: CircuitTransition): void {
    this.#news.transitions.push(transition);
    this.#lastTransitions.push(transition);
    if (this.#lastTransitions.length > KEPT_TRANSITIONS) this.#lastTransitions.shift();
    this.#change(key, { instanceId: transition.by, ownState: transition.to });
    if (transition.scope === 'fleet') this.#markProber(transition);
  }

  #markProber({ to, by }: CircuitTransition): void {
    for (const [key, { isProbing, instanceId }] of this.#environments) {
      const probesNow = to === 'HALF_OPEN' && instanceId === by;
      if (isProbing !== probesNow) this.#change(key, { isProbing: probesNow });
    }
  }

  #change(key: string, change: Partial<Environment>): void {
    const environment = this.#environments.get(key);
    if (!environment) return;
    this.#environments.set(key, { ...environment, ...change });
    this.#news.environments.add(key);
  }

  #forgetIfGone(key: string): void {
    if (this.#environments.get(key)?.state === 'gone') this.#environments.delete(key);
  }

  #set(change: Partial<Omit<Status, 'alone'>>): void {
    this.#status = { ...this.#status, ...change };
    this.#news.isStatusChanged = true;
  }

  #wholeStatus(): Status {
    const alone = { CLOSED: 0, OPEN: 0, HALF_OPEN: 0 };
    for (const { isAlone, state, ownState } of this.#environments.values()) {
      if (isAlone && state !== 'gone') alone[ownState] += 1;
    }
    return { ...this.#status, alone };
  }
}

/** What the next frame tells. Environments and requests by the names that the local cloud gives them. */
const noNews = () => ({
  environments: new Set<string>(),
  waiting: new Set<string>(),
  answers: [] as Answered[],
  transitions: [] as CircuitTransition[],
  isStatusChanged: false,
});

const partOf = (functionName: string): FunctionPart | undefined =>
  FUNCTIONS.find((part) => functionName.endsWith(`-${part}`));

const newEnvironment = (part: FunctionPart, id: number): Environment => ({
  ...{ part, id, state: 'starting', sinceMs: 0, isProbing: false, isAlone: false },
  ...{ instanceId: undefined, ownState: 'CLOSED' },
});

const toCell = ({ part, id, state, sinceMs, isProbing, isAlone }: Environment): Cell => ({
  ...{ part, id, state, sinceMs, isProbing, isAlone },
});

function outcomeOfResult(status: number, result: string | undefined): Outcome {
  if (result === undefined) return 'failed';
  const { body } = Object(JSON.parse(result)) as { body?: unknown };
  return outcomeOf(status, typeof body === 'string' ? body : '');
}

/** As `npm run fault` sets them. */
function faultOf(variables: Readonly<Record<string, string>>): Fault {
  const { SIMULATE_FAILURE, FAILURE_HANG_MS, FAILURE_PERCENT } = variables;
  if (SIMULATE_FAILURE !== 'true' || FAILURE_PERCENT === '0') return 'healthy';
  if (FAILURE_PERCENT === '100' && Number(FAILURE_HANG_MS) >= 1_000) return 'hanging';
  if (FAILURE_PERCENT === '50' && FAILURE_HANG_MS === '0') return 'half failing';
  return 'another';
}

const isEmpty = ({ cells, waiting, answers, transitions, status }: Frame): boolean =>
  cells.length + waiting.length + answers.length + transitions.length === 0 && !status;
