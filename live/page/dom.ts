/** Small helpers for elements. Texts are only ever set as text: what is shown comes from logs and from a table. */

export function byId<T extends Element = HTMLElement>(id: string): T {
  return document.getElementById(id) as unknown as T;
}

export function within<T extends Element = HTMLElement>(parent: Element, selector: string): T {
  const found = parent.querySelector<T>(selector);
  if (!found) throw new Error(`the page has no ${selector}`);
  return found;
}

export function element(name: string, text = '', className = ''): HTMLElement {
  const made = document.createElement(name);
  made.textContent = text;
  if (className) made.className = className;
  return made;
}

/** Leaves an element alone that says so already: screen readers and selections are not disturbed. */
export function setText(target: Element, text: string): void {
  if (target.textContent !== text) target.textContent = text;
}

export function toggleAttribute(target: Element, name: string, isSet: boolean): void {
  if (target.hasAttribute(name) !== isSet) target.toggleAttribute(name, isSet);
}
