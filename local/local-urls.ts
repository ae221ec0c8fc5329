/**
 * The stack names its APIs by the URLs that they would have on AWS. Here the same API is behind a port, so these URLs
 * are replaced wherever the template puts them: in the functions' variables and in the outputs.
 */
import { type Ports, portOf } from './ports.ts';
import { LOOPBACK } from './region.ts';
import type { ApiSpec } from './template/apis.ts';
import type { Stack } from './template/stack.ts';

/** The groups are the API's id and the stage. */
const EXECUTE_API_URL = /https:\/\/(\w+)\.execute-api\.[\w-]+\.amazonaws\.com(\/[\w-]+)?/g;

/** The end of the name of an API or a function, by which people know it. */
export const partOf = (stack: Stack, { name }: { readonly name: string }): string =>
  name.startsWith(`${stack.name}-`) ? name.slice(stack.name.length + 1) : name;

/** For functions: the same URL with another origin. */
export const toLoopbackUrls = (stack: Stack, ports: Ports, text: string): string =>
  replaceUrls(
    stack,
    text,
    (api, stage) => `http://${LOOPBACK}:${apiPort(stack, ports, api)}${stage}`,
  );

/** For people: short, without the stage. */
export const toLocalhostUrls = (stack: Stack, ports: Ports, text: string): string =>
  replaceUrls(stack, text, (api) => `http://localhost:${apiPort(stack, ports, api)}`);

export const apiPort = (stack: Stack, ports: Ports, api: ApiSpec): number =>
  portOf(ports, partOf(stack, api));

function replaceUrls(
  stack: Stack,
  text: string,
  to: (api: ApiSpec, stage: string) => string,
): string {
  return text.replace(EXECUTE_API_URL, (url, id: string, stage = '') => {
    const api = stack.apis.find((one) => one.id === id);
    return api ? to(api, stage) : url;
  });
}
