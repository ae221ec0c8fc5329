/** The inside of a bundle's process: imports the bundle, then serves one event after the other. */
import { lambdaContext } from './proxy-event.ts';

const [, , file = '', exported = ''] = process.argv;
const bundle = await import(file);

process.on('message', async (event) => {
  const askedAtMs = performance.now();
  const answer = await bundle[exported](event, lambdaContext());
  const tookMs = performance.now() - askedAtMs;
  const maxRssBytes = process.resourceUsage().maxRSS * 1024;
  process.send?.({ answer, tookMs, maxRssBytes });
});
