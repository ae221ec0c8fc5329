import { App } from 'aws-cdk-lib';
import { DemoStack } from '../../infra/demo-stack.ts';
import { readSettings } from '../../infra/settings.ts';

export interface Resource {
  readonly Type: string;
  // biome-ignore lint/suspicious/noExplicitAny: a template has no types, and every read here is asserted.
  readonly Properties: any;
  readonly DeletionPolicy?: string;
}

interface Template {
  readonly Resources: Record<string, Resource>;
  readonly Outputs: Record<string, { readonly Value: unknown }>;
}

/** The template as a CDK context makes it, without bundling the functions: that takes seconds. */
export function templateFor(context: Record<string, string> = {}): Template {
  const app = new App({ context: { ...context, 'aws:cdk:bundling-stacks': [] } });
  const settings = readSettings((key) => app.node.tryGetContext(key));
  const stack = new DemoStack(app, `fleet-breaker-${settings.stage}`, settings);
  return app.synth().getStackByName(stack.stackName).template;
}

export const ofType = ({ Resources }: Template, type: string): Resource[] =>
  Object.values(Resources).filter(({ Type }) => Type === type);

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
