/** Calls the handler of the module in the argument five times. */
const { handler } = await import(process.argv[2]);

const answers = [];
for (const id of ['a', 'b', 'c', 'd', 'e'])
  answers.push(await handler({ id }, { getRemainingTimeInMillis: () => 10_000 }));
console.log(JSON.stringify(answers));
