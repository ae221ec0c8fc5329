/** `node ops/account.ts`: the facts of the account as JSON, for `npm run demo`, which reads no text meant for people. */
import { accountFacts } from './account-facts.ts';
import { runCommand } from './command.ts';

await runCommand(async () => console.log(JSON.stringify(await accountFacts())));
