import { handler } from './handler.js';

const answers = [];
for (const id of ['a', 'b', 'c', 'd', 'e'])
  answers.push(await handler({ id }, { getRemainingTimeInMillis: () => 10_000 }));
console.log(JSON.stringify(answers));
