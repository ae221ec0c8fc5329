import axios from 'axios';
import type { Breaker } from 'fleet-breaker';

/** axios throws for every status from 400 on, and its error has the status. */
export async function getPrice(breaker: Breaker, url: string): Promise<number> {
  const answer = await breaker.execute((signal) => axios.get<{ price: number }>(url, { signal }));
  return answer.data.price;
}
