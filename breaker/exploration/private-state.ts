import { registerHooks } from 'node:module';

/** The method that every class of the library has while it is explored. */
export const PRIVATE = Symbol.for('fleet-breaker.private-state');

/** A change of one file's text: a defect made on purpose, to see that it is found. */
export interface SourceChange {
  readonly file: string;
  readonly replace: string;
  readonly by: string;
}

const OBSERVED = /\/breaker\/(src|simulation)\/[\w/-]+\.ts$/;
const CLASS = /^(?:export )?class \w+[^{\n]*\{\n[\s\S]*?^\}/gm;

/**
 * Lets the explorer see what a breaker knows: each class gets a method that reads its private
 * fields, in the module's source on its way into this process. Nothing else of the code changes. To
 * be called before the library is imported.
 */
export function exposePrivateState(change?: SourceChange): void {
  registerHooks({
    load(url, context, nextLoad) {
      const loaded = nextLoad(url, context);
      if (!OBSERVED.test(url)) return loaded;
      const text = changed(String(loaded.source), url, change);
      return { ...loaded, source: withReaders(text) };
    },
  });
}

/** The source with a reader of private fields in each class that has some. */
export function withReaders(source: string): string {
  return source.replace(CLASS, (text) => {
    const fields = privateFieldsOf(text);
    if (fields.length === 0) return text;
    const read = fields.map((name) => `${name}: this.#${name}`).join(', ');
    const reader = `  [Symbol.for('${PRIVATE.description}')]() { return { ${read} }; }`;
    return text.replace(/\{\n/, `{\n${reader}\n`);
  });
}

/** Whatever the class uses as its own and does not define as a method. */
function privateFieldsOf(classText: string): string[] {
  const used = [...classText.matchAll(/this\.#(\w+)/g)].map(([, name = '']) => name);
  const methods = [...classText.matchAll(/^ {2}(?:async |get |static )*#(\w+)[(<]/gm)];
  const isMethod = new Set(methods.map(([, name]) => name));
  return [...new Set(used)].filter((name) => !isMethod.has(name)).sort();
}

function changed(text: string, url: string, change: SourceChange | undefined): string {
  if (!change || !url.endsWith(change.file)) return text;
  if (!text.includes(change.replace)) throw new Error(`${change.file} has no ${change.replace}`);
  return text.replace(change.replace, () => change.by);
}
