/** Measuring in turns: each subject once, then each again, so that a slow minute of the machine is everybody's. */

export async function inTurns<Name extends string>(
  subjects: Readonly<Record<Name, () => Promise<number>>>,
  turns: number,
): Promise<Record<Name, number[]>> {
  const names = Object.keys(subjects) as Name[];
  const values = Object.fromEntries(names.map((name) => [name, [] as number[]]));
  for (let turn = 0; turn < turns; turn++) {
    for (const name of names) values[name]?.push(await subjects[name]());
  }
  return values as Record<Name, number[]>;
}
