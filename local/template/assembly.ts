/**
 * CDK rule: a synthesized app is a cloud assembly. Its manifest names the stack's template and the asset manifest,
 * which says in which directory the code lies that the template calls by its object key.
 */
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

export interface Resource {
  readonly Type: string;
  readonly Properties?: Record<string, unknown>;
}

export interface Template {
  readonly Resources: Record<string, Resource>;
  readonly Outputs?: Record<string, { Value: unknown }>;
}

export interface Assembly {
  readonly stackName: string;
  readonly template: Template;
  /** Directory of an asset by its object key. */
  readonly assetDirs: Map<string, string>;
}

interface Artifact {
  readonly type: string;
  readonly properties?: { templateFile?: string; stackName?: string; file?: string };
}

interface AssetManifest {
  readonly files?: Record<
    string,
    { source: { path?: string }; destinations: Record<string, { objectKey: string }> }
  >;
}

export const MANIFEST = 'manifest.json';

export function readAssembly(directory: string): Assembly {
  const manifest = readJson<{ artifacts?: Record<string, Artifact> }>(join(directory, MANIFEST));
  const artifacts = Object.entries(manifest.artifacts ?? {});
  const [stack, ...others] = artifacts.filter(([, a]) => a.type === 'aws:cloudformation:stack');
  if (!stack || others.length > 0) {
    throw new Error(
      `${directory} has ${others.length + (stack ? 1 : 0)} stacks; the local cloud runs one`,
    );
  }
  const [id, { properties = {} }] = stack;
  return {
    stackName: properties.stackName ?? id,
    template: readJson<Template>(join(directory, properties.templateFile ?? `${id}.template.json`)),
    assetDirs: assetDirs(
      directory,
      artifacts.flatMap(([, a]) =>
        a.type === 'cdk:asset-manifest' ? (a.properties?.file ?? []) : [],
      ),
    ),
  };
}

function assetDirs(directory: string, manifestFiles: string[]): Map<string, string> {
  const dirs = new Map<string, string>();
  for (const file of manifestFiles) {
    const assets = readJson<AssetManifest>(join(directory, file)).files ?? {};
    for (const { source, destinations } of Object.values(assets)) {
      for (const { objectKey } of Object.values(destinations)) {
        if (source.path) dirs.set(objectKey, resolve(directory, source.path));
      }
    }
  }
  return dirs;
}

function readJson<T>(file: string): T {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as T;
  } catch (error) {
    throw new Error(`${file} cannot be read; run \`npm run synth\` first`, { cause: error });
  }
}
