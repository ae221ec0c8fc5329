import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App, type AppProps } from 'aws-cdk-lib';
import { afterAll } from 'vitest';
import { DemoStack } from '../../infra/demo-stack.ts';
import { readSettings } from '../../infra/settings.ts';

export interface Resource {
  readonly Type: string;
  // biome-ignore lint/suspicious/noExplicitAny: a template has no types, and every read here is asserted.
  readonly Properties: any;
  readonly DeletionPolicy?: string;
  readonly UpdateReplacePolicy?: string;
  readonly DependsOn?: string[];
}

export interface Template {
  readonly Resources: Record<string, Resource>;
  readonly Outputs: Record<string, { readonly Value: unknown }>;
}

const { context: flags } = JSON.parse(readFileSync('cdk.json', 'utf8'));

const outDir = mkdtempSync(join(tmpdir(), 'cdk-apps-'));
afterAll(() => rmSync(outDir, { recursive: true }));

/** An app whose output is gone with the suite: the CDK itself would leave it behind. */
export const newApp = (props: AppProps = {}): App =>
  new App({ outdir: mkdtempSync(join(outDir, 'app-')), ...props });

/** The app as a CDK context makes it, without bundling the functions: that takes seconds. */
export function appFor(context: Record<string, string> = {}): App {
  const app = newApp({ context: { ...flags, ...context, 'aws:cdk:bundling-stacks': [] } });
  const settings = readSettings(app.node.getAllContext());
  new DemoStack(app, `fleet-breaker-${settings.stage}`, settings);
  return app;
}

export function templateFor(context: Record<string, string> = {}): Template {
  const [stack] = appFor(context).synth().stacks;
  if (!stack) throw new Error('the app has no stack');
  return stack.template;
}

export const ofType = ({ Resources }: Template, type: string): Resource[] =>
  Object.values(Resources).filter(({ Type }) => Type === type);

export const parts = ['gateway-v1', 'gateway-v2', 'product', 'recommendations'];

export function functionOf(from: Template, part: string) {
  const found = ofType(from, 'AWS::Lambda::Function').find(({ Properties }) =>
    Properties.FunctionName.endsWith(`-${part}`),
  );
  if (!found) throw new Error(`no function ${part}`);
  return found.Properties;
}

export const variablesOf = (from: Template, part: string): Record<string, string> =>
  Object.fromEntries(
    Object.entries(functionOf(from, part).Environment.Variables).map(([name, value]) => [
      name,
      render(value),
    ]),
  );

/** A value as people would write it: `<ProductApi>.execute-api.<AWS::Region>...`. */
export function render(value: unknown): string {
  if (typeof value !== 'object' || value === null) return String(value);
  const [[kind, of] = []] = Object.entries(value);
  if (kind === 'Ref') return `<${readable(String(of))}>`;
  if (kind === 'Fn::GetAtt') return `<${readable(String(of[0]))}.${of[1]}>`;
  if (kind === 'Fn::Join') return of[1].map(render).join(of[0]);
  throw new Error(`Cannot render ${JSON.stringify(value)}`);
}

/** A logical id without the hash that makes it unique. */
const readable = (logicalId: string) => logicalId.replace(/(?<=[a-z0-9])[0-9A-F]{8}$/, '');
