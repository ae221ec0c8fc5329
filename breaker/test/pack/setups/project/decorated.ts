/** The recipe for decorators, as TypeScript compiles it: prints what a method gives, and is refused. */
import { breakerIn } from 'fleet-breaker/testing';
import { guardedBy } from './decorator.js';

const { breaker } = breakerIn('CLOSED');

class Prices {
  readonly currency = 'EUR';

  @guardedBy(breaker)
  async get(id: string): Promise<string> {
    return `${id} in ${this.currency}`;
  }
}

async function main() {
  const prices = new Prices();
  const given: string = await prices.get('a');
  await breaker.forceOpen('drill');
  const refused = await prices.get('a').catch((error: Error) => error.name);
  console.log(JSON.stringify([given, refused]));
}

void main();
