/** The live page: takes the frames, and shows them. */
import { type Frame, FUNCTIONS, GATEWAYS, type Status } from '../frames.ts';
import { Announcer } from './announcer.ts';
import { Cells } from './cells.ts';
import { CircuitView } from './circuit.ts';
import { readColours } from './colours.ts';
import { byId, element, setText } from './dom.ts';
import { Lane } from './lane.ts';
import { Model } from './model.ts';
import { SwitchBoard } from './switch-board.ts';

const DRAW_EVERY_MS = 80;
/** For those who asked for less motion. */
const CALM_DRAW_EVERY_MS = 1_000;

const model = new Model();
const lanes = GATEWAYS.map((gateway) => new Lane(gateway));
const cells = [...document.querySelectorAll<HTMLElement>('.cells-of')].map((at) => new Cells(at));
const circuit = new CircuitView();
const switches = new SwitchBoard(byId('switch-groups'));
const announcer = new Announcer();
const isCalm = matchMedia('(prefers-reduced-motion: reduce)');

let colours = readColours();
matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => {
  colours = readColours();
});

function take(frame: Frame): void {
  model.apply(frame, Date.now());
  circuit.add(frame);
  if (frame.transitions.length > 0 || frame.isWhole) circuit.showTransitions(model.transitions);
  showCells();
  for (const lane of lanes) lane.showFigures(model);
  if (!frame.status) return;
  switches.show(frame.status);
  showFault(frame.status);
}

function showCells(): void {
  const byPart = Map.groupBy(model.cells.values(), ({ part }) => part);
  const nowMs = model.nowMs();
  for (const group of cells) {
    if (FUNCTIONS.includes(group.part)) group.show(byPart.get(group.part) ?? [], nowMs);
  }
}

function showFault({ fault }: Status): void {
  const word = element('b', fault);
  word.dataset.fault = fault;
  byId('fault').replaceChildren('The recommendations are ', word);
}

let drawnAtMs = 0;

function draw(atMs: number): void {
  requestAnimationFrame(draw);
  if (atMs - drawnAtMs < (isCalm.matches ? CALM_DRAW_EVERY_MS : DRAW_EVERY_MS)) return;
  drawnAtMs = atMs;
  const { status } = model;
  if (!status) return;
  for (const lane of lanes) lane.draw(model, colours);
  circuit.show(status, model.nowMs());
  announcer.announce(status, model.nowMs());
}

function connect(): void {
  const frames = new EventSource('/frames');
  const say = (words: string) => setText(byId('connection'), words);
  frames.addEventListener('message', ({ data }) => take(JSON.parse(data) as Frame));
  frames.addEventListener('open', () => say(''));
  frames.addEventListener('error', () => say('Not connected: does npm run live still run?'));
}

connect();
requestAnimationFrame(draw);
