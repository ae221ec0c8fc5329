import { App } from 'aws-cdk-lib';
import { DemoStack } from './demo-stack.ts';
import { readSettings } from './settings.ts';

const app = new App();
const settings = readSettings((key) => app.node.tryGetContext(key));
new DemoStack(app, `fleet-breaker-${settings.stage}`, settings);
