/** What a person at the terminal is told while the local cloud serves: what they would otherwise search the logs for. */
import type { CloudEvent } from './observer.ts';

/** Returns the words for an event, or undefined when it is an everyday one or was told before. */
export function createTerminal(): (event: CloudEvent) => string | undefined {
  const told = new Set<string>();
  let wasRunning = false;

  function once(words: string): string | undefined {
    if (told.has(words)) return undefined;
    told.add(words);
    return words;
  }

  function engine(event: Extract<CloudEvent, { kind: 'engine' }>): string | undefined {
    if (event.state !== 'running') return engineEnded(event.end);
    const words = wasRunning ? 'The DynamoDB engine runs again; its tables are empty.' : undefined;
    wasRunning = true;
    return words;
  }

  return (event) => {
    switch (event.kind) {
      case 'engine':
        return engine(event);
      case 'start-failed':
        return once(`${event.functionName} does not start: ${event.reason}`);
      case 'assembly-changed':
        return ASSEMBLY_CHANGED;
      default:
        return undefined;
    }
  };
}

const engineEnded = (end: string | undefined): string =>
  `The DynamoDB engine has ended (${end}): what its tables held is lost, all else goes on. ` +
  'Start another with `npm run engine -- start`.';

const ASSEMBLY_CHANGED =
  'The synthesized stack (cdk.out) was deleted or replaced: this local cloud goes on with what it has read, ' +
  'and a function whose code is gone cannot start. Stop it and start it again.';
