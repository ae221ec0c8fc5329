/** The colours of the style sheet, for what is drawn on a canvas. */
const NAMES = ['ok', 'degraded', 'failed', 'waiting', 'line', 'quiet'] as const;

export type Colours = Readonly<Record<(typeof NAMES)[number], string>>;

/** As they are in the colour scheme of this moment. */
export function readColours(): Colours {
  const probe = document.createElement('i');
  document.body.append(probe);
  const entries = NAMES.map((name) => {
    probe.style.color = `var(--${name})`;
    return [name, getComputedStyle(probe).color];
  });
  probe.remove();
  return Object.fromEntries(entries);
}
