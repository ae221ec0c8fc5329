/**
 * Lambda rule: Invoke, GetFunctionConfiguration and UpdateFunctionConfiguration, as the AWS SDK calls them. An update
 * replaces all variables; LastUpdateStatus is InProgress until it is in force. Only variables can be changed here.
 */
import { Hono } from 'hono';
import { isRecord } from '../template/intrinsics.ts';
import type { FunctionPool, InvokeResult } from './pool.ts';

const FUNCTION = '/2015-03-31/functions/:name';

type Body = { readonly json: unknown } | { readonly problem: string };

export function createLambdaApi(pools: ReadonlyMap<string, FunctionPool>): Hono {
  const app = new Hono();
  app.use(`${FUNCTION}/*`, async (c, next) => {
    const name = c.req.param('name');
    if (pools.has(name)) return next();
    return failure(404, 'ResourceNotFoundException', `Function not found: ${name}`);
  });
  const poolOf = (name: string) => pools.get(name) as FunctionPool;
  app.get(`${FUNCTION}/configuration`, (c) => c.json(configuration(poolOf(c.req.param('name')))));
  app.put(`${FUNCTION}/configuration`, async (c) => {
    const pool = poolOf(c.req.param('name'));
    const body = parseBody(await c.req.text());
    if ('problem' in body) return badRequest(body.problem);
    const variables = variablesIn(body.json);
    if ('problem' in variables) return invalid(variables.problem);
    void pool.setVariables(variables.given);
    return c.json(configuration(pool));
  });
  app.post(`${FUNCTION}/invocations`, async (c) => {
    const text = await c.req.text();
    const body = parseBody(text === '' ? '{}' : text);
    if ('problem' in body) return badRequest(body.problem);
    return invoked(await poolOf(c.req.param('name')).invoke(body.json));
  });
  return app;
}

function parseBody(text: string): Body {
  try {
    return { json: JSON.parse(text) };
  } catch (error) {
    return { problem: `Could not parse request body into json: ${(error as Error).message}` };
  }
}

function variablesIn(
  body: unknown,
): { readonly given: Record<string, string> } | { readonly problem: string } {
  if (!isRecord(body)) return { problem: 'the request must be a JSON object' };
  const { Environment, ...others } = body;
  const [unsupported] = Object.keys(others);
  if (unsupported) return { problem: `${unsupported}: the local cloud can change only variables` };
  const variables = isRecord(Environment) ? Environment.Variables : undefined;
  if (!isRecord(variables)) return { problem: 'a request without Environment.Variables' };
  const entries = Object.entries(variables);
  const bad = entries.find(([name, value]) => !isVariable(name, value));
  if (bad) return { problem: `Environment.Variables.${bad[0]} is not a variable with a text` };
  return { given: Object.fromEntries(entries.map(([name, value]) => [name, String(value)])) };
}

const isVariable = (name: string, value: unknown): boolean =>
  /^[a-zA-Z]\w+$/.test(name) && typeof value === 'string';

function invoked(result: InvokeResult): Response {
  if (result === 'throttled') return failure(429, 'TooManyRequestsException', 'Rate Exceeded.');
  if ('payload' in result) return new Response(result.payload, { headers: JSON_TYPE });
  const headers = { ...JSON_TYPE, 'x-amz-function-error': 'Unhandled' };
  return new Response(JSON.stringify(result.error), { headers });
}

const JSON_TYPE = { 'content-type': 'application/json' };

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

const badRequest = (message: string): Response =>
  failure(400, 'InvalidRequestContentException', message);

const invalid = (message: string): Response =>
  failure(400, 'InvalidParameterValueException', message);

const failure = (status: number, type: string, Message: string): Response =>
  Response.json({ Type: 'User', Message }, { status, headers: { 'x-amzn-errortype': type } });
