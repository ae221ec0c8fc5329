import { dirname, join } from 'node:path';
import { AssetHashType } from 'aws-cdk-lib';
import { Code, Runtime } from 'aws-cdk-lib/aws-lambda';
import { type BuildOptions, buildSync } from 'esbuild';

const ROOT = join(import.meta.dirname, '../..');

/**
 * Everything is part of it, the SDK too: what was tested is what runs, whatever the runtime brings along. It is not
 * minified, so that a stack trace names functions and lines: it costs no measurable time, where the source map of a
 * minified bundle is read when the first error is logged, in the middle of an outage (docs/adr/0005).
 */
export const BUNDLING: BuildOptions = {
  absWorkingDir: ROOT,
  bundle: true,
  format: 'esm',
  platform: 'node',
  target: 'node24',
  outExtension: { '.js': '.mjs' },
  mainFields: ['module', 'main'],
  conditions: ['fleet-breaker-source', 'module'],
  logLevel: 'warning',
};

/** The module with all it imports. */
export function bundle(entry: string): Code {
  const tryBundle = (outdir: string): boolean => {
    buildSync({ ...BUNDLING, entryPoints: [entry], outdir });
    return true;
  };
  // A folder for each, because CDK takes what comes from the same one for the same.
  return Code.fromAsset(join(ROOT, dirname(entry)), {
    assetHashType: AssetHashType.OUTPUT,
    // CDK wants an image to fall back on; esbuild is always there.
    bundling: { image: Runtime.NODEJS_24_X.bundlingImage, local: { tryBundle } },
  });
}
