import { join } from 'node:path';
import { build, type Plugin } from 'esbuild';
import { BUNDLING } from '../../infra/constructs/bundle.ts';

const ROOT = join(import.meta.dirname, '../..');

interface Spec {
  readonly part: 'gateway-v1' | 'gateway-v2';
  /** Modules of the gateway, by the end of what it imports, with another text. */
  readonly replaced?: Readonly<Record<string, string>>;
}

const IN_MEMORY = `import { memoryStore } from 'fleet-breaker';
export const circuitStore = () => memoryStore();`;
const WITHOUT_METRICS = 'export const powertoolsListeners = () => ({});';

/** The gateways as they are deployed, and v2 without one of its parts, to see what that takes. */
export const VARIANTS = {
  v1: { part: 'gateway-v1' },
  v2: { part: 'gateway-v2' },
  'v2, the store in memory': {
    part: 'gateway-v2',
    replaced: { '/circuit-store.ts': IN_MEMORY },
  },
  'v2, no metrics': {
    part: 'gateway-v2',
    replaced: { 'fleet-breaker/powertools': WITHOUT_METRICS },
  },
} as const satisfies Record<string, Spec>;
export type Variant = keyof typeof VARIANTS;

/** Answers with the module to import. */
export async function bundle(variant: Variant, directory: string): Promise<string> {
  const { part, replaced = {} }: Spec = VARIANTS[variant];
  const outfile = join(directory, `${variant.replaceAll(/\W+/g, '-')}.mjs`);
  const { outExtension: _, ...bundling } = BUNDLING;
  const plugins = Object.entries(replaced).map(([path, text]) => replacing(path, text));
  const entryPoints = [join(ROOT, 'lambdas', part, 'index.ts')];
  await build({ ...bundling, outfile, entryPoints, plugins });
  return outfile;
}

const replacing = (path: string, contents: string): Plugin => ({
  name: `replacing ${path}`,
  setup({ onResolve, onLoad }) {
    const namespace = `instead of ${path}`;
    const filter = new RegExp(`${path.replaceAll('.', '\\.')}$`);
    onResolve({ filter }, () => ({ path, namespace }));
    onLoad({ filter: /.*/, namespace }, () => ({ contents, resolveDir: ROOT }));
  },
});
