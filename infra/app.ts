import { App } from 'aws-cdk-lib';
import { DemoStack } from './demo-stack.ts';
import { BadContextError, readSettings } from './settings.ts';

const app = new App();
try {
  const settings = readSettings(app.node.getAllContext());
  new DemoStack(app, `fleet-breaker-${settings.stage}`, settings);
} catch (error) {
  if (!(error instanceof BadContextError)) throw error;
  console.error(error.message);
  process.exit(1);
}
