/** Reading a function's environment: every variable that is missing or wrong is reported in one error. */

export type Environment = Readonly<Record<string, string | undefined>>;

export interface Variable<T> {
  readonly expected: string;
  readonly read: (text: string) => T | undefined;
}

export const text: Variable<string> = {
  expected: 'a text that is not empty',
  read: (value) => value || undefined,
};

export const flag: Variable<boolean> = {
  expected: '"true" or "false"',
  read: (value) => (value === 'true' || value === 'false' ? value === 'true' : undefined),
};

export const wholeNumber = (least: number): Variable<number> => ({
  expected: `a whole number, at least ${least}`,
  read: (value) => (/^\d{1,15}$/.test(value) && Number(value) >= least ? Number(value) : undefined),
});

export const baseUrl: Variable<string> = {
  expected: 'an http or https URL that does not end with a slash',
  read: (value) => (/^https?:\/\/.*[^/]$/.test(value) && URL.canParse(value) ? value : undefined),
};

type Values<V> = { [K in keyof V]: V[K] extends Variable<infer T> ? T : never };

export function readEnv<V extends Record<string, Variable<unknown>>>(
  env: Environment,
  variables: V,
): Values<V> {
  const problems: string[] = [];
  const values = Object.entries(variables).map(([name, { expected, read }]) => {
    const given = env[name];
    const value = given === undefined ? undefined : read(given);
    if (value === undefined) {
      problems.push(
        `${name} is ${given === undefined ? 'missing' : `"${given}"`}: set it to ${expected}`,
      );
    }
    return [name, value];
  });
  if (problems.length > 0) throw new Error(`Bad environment:\n  ${problems.join('\n  ')}`);
  return Object.fromEntries(values);
}
