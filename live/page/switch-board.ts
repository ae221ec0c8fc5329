/** The switches. Each runs a command on the machine that serves the page, and says which. */
import type { Status } from '../frames.ts';
import { SWITCH_GROUPS, type Switch, USERS } from '../switches.ts';
import { byId, element, setText } from './dom.ts';

export class SwitchBoard {
  readonly #buttons = new Map<string, HTMLButtonElement>();
  readonly #said = byId('said');
  readonly #range = document.createElement('input');
  readonly #output = document.createElement('output');

  constructor(place: HTMLElement) {
    for (const { title, switches } of SWITCH_GROUPS) {
      const group = fieldset(title);
      group.append(...switches.map((one) => this.#button(one)));
      place.append(group);
    }
    place.append(this.#usersGroup());
  }

  show(status: Status): void {
    for (const [id, button] of this.#buttons) {
      const isPressed = String(isInForce(id, status));
      if (button.getAttribute('aria-pressed') !== isPressed) {
        button.setAttribute('aria-pressed', isPressed);
      }
    }
    if (document.activeElement !== this.#range) this.#range.value = String(status.users);
    this.#showUsers();
  }

  #button(one: Switch): HTMLButtonElement {
    const button = element('button', one.label) as HTMLButtonElement;
    button.type = 'button';
    button.title = `npm run ${one.command}`;
    button.setAttribute('aria-pressed', 'false');
    button.addEventListener('click', () => void this.#press(one, button));
    this.#buttons.set(one.id, button);
    return button;
  }

  async #press({ id, command }: Switch, button: HTMLButtonElement): Promise<void> {
    if (button.getAttribute('aria-busy') === 'true') return;
    button.setAttribute('aria-busy', 'true');
    this.#say(command, '…');
    const problem = await send('POST', `/switches/${encodeURIComponent(id)}`);
    this.#say(command, problem ?? 'done', problem !== undefined);
    button.setAttribute('aria-busy', 'false');
  }

  #say(command: string, words: string, isWrong = false): void {
    this.#said.classList.toggle('wrong', isWrong);
    this.#said.replaceChildren(element('code', `npm run ${command}`), `  ${words}`);
  }

  #usersGroup(): HTMLElement {
    const group = fieldset('Load');
    group.classList.add('users');
    Object.assign(this.#range, {
      ...{ type: 'range', min: USERS.least, max: USERS.most, step: USERS.step },
      ...{ id: 'users', value: USERS.initial },
    });
    this.#range.setAttribute('aria-label', 'Users on each gateway');
    this.#range.addEventListener('input', () => this.#showUsers());
    this.#range.addEventListener('change', () => void this.#setUsers());
    this.#output.htmlFor.add('users');
    group.append(this.#range, this.#output);
    return group;
  }

  #showUsers(): void {
    setText(this.#output, `${this.#range.value} users each`);
  }

  async #setUsers(): Promise<void> {
    const problem = await send('PUT', `/users/${this.#range.value}`);
    if (problem === undefined) return;
    this.#said.classList.add('wrong');
    setText(this.#said, problem);
  }
}

function fieldset(title: string): HTMLElement {
  const group = element('fieldset');
  group.append(element('legend', title));
  return group;
}

/** By the switches' ids. What cannot be in force, such as a release, is never pressed. */
function isInForce(id: string, { fault, circuit, engine }: Status): boolean {
  switch (id) {
    case 'force open':
      return circuit?.override === 'FORCED_OPEN';
    case 'force closed':
      return circuit?.override === 'FORCED_CLOSED';
    case 'killed':
      return !engine.isRunning;
    case 'running':
      return engine.isRunning;
    default:
      return id === fault;
  }
}

/** What went wrong, or undefined. */
async function send(method: string, path: string): Promise<string | undefined> {
  try {
    const response = await fetch(path, { method });
    return response.ok ? undefined : String((await response.json()).said);
  } catch {
    return 'the command that serves this page does not answer';
  }
}
