/** A copy of the synthesized stack whose second gateway can be tampered with; see `chaos-environment.mjs`. */
import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ASSEMBLY_DIR } from '../../local/synth.ts';

const TEMPLATE = 'fleet-breaker-demo.template.json';
const ENVIRONMENT = new URL('./chaos-environment.mjs', import.meta.url);

interface Changes {
  readonly directory: string;
  /** Of the gateway, besides those that it has. */
  readonly variables: Readonly<Record<string, string>>;
  /** Of its function. Longer than the stack's where a test freezes an environment. */
  readonly functionTimeoutSeconds: number;
}

export function writeChaosAssembly({ directory, variables, functionTimeoutSeconds }: Changes) {
  cpSync(ASSEMBLY_DIR, directory, { recursive: true });
  const file = join(directory, TEMPLATE);
  const template = JSON.parse(readFileSync(file, 'utf8'));
  const gateway = Object.values<ReturnType<typeof JSON.parse>>(template.Resources).find(
    ({ Properties }) =>
      Properties?.Environment?.Variables?.POWERTOOLS_SERVICE_NAME === 'gateway-v2',
  );
  Object.assign(gateway.Properties.Environment.Variables, variables);
  gateway.Properties.Timeout = functionTimeoutSeconds;
  gateway.Properties.Handler = 'chaos.handler';
  cpSync(ENVIRONMENT, join(directory, gateway.Metadata['aws:asset:path'], 'chaos.mjs'));
  writeFileSync(file, JSON.stringify(template));
}
