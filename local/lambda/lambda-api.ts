/**
 * Lambda rule: GetFunctionConfiguration and UpdateFunctionConfiguration, as the AWS SDK calls them. An update replaces
 * all variables; LastUpdateStatus is InProgress until it is in force. Only variables can be changed here.
 */
import { Hono } from 'hono';
import type { FunctionPool } from './pool.ts';

const PATH = '/2015-03-31/functions/:name/configuration';

type Update = { Environment?: { Variables?: Record<string, string> } };

export function createLambdaApi(pools: Map<string, FunctionPool>): Hono {
  const app = new Hono();
  app.get(PATH, (c) => {
    const pool = pools.get(c.req.param('name'));
    return pool ? c.json(configuration(pool)) : notFound(c.req.param('name'));
  });
  app.put(PATH, async (c) => {
    const pool = pools.get(c.req.param('name'));
    if (!pool) return notFound(c.req.param('name'));
    const { Environment, ...others } = await c.req.json<Update>();
    const [unsupported] = Object.keys(others);
    if (unsupported || !Environment?.Variables) {
      const what = unsupported ?? 'a request without Environment.Variables';
      return failure(
        400,
        'InvalidParameterValueException',
        `${what}: the local cloud can change only variables`,
      );
    }
    void pool.setVariables(Environment.Variables);
    return c.json(configuration(pool));
  });
  return app;
}

const configuration = ({ fn, updateStatus }: FunctionPool) => ({
  FunctionName: fn.name,
  FunctionArn: fn.arn,
  Handler: fn.handler,
  Timeout: fn.functionTimeoutMs / 1000,
  MemorySize: fn.memoryMb,
  Environment: { Variables: fn.environment },
  State: 'Active',
  LastUpdateStatus: updateStatus,
});

const notFound = (name: string): Response =>
  failure(404, 'ResourceNotFoundException', `Function not found: ${name}`);

const failure = (status: number, type: string, Message: string): Response =>
  Response.json({ Type: 'User', Message }, { status, headers: { 'x-amzn-errortype': type } });
