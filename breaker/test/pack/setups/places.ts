import { join } from 'node:path';

export const BREAKER = join(import.meta.dirname, '../../..');
export const ROOT = join(BREAKER, '..');
/** The tools' `node_modules` are those of every folder below. */
export const TOOLS = join(ROOT, '.cache/package-setups');
export const TARBALLS = join(TOOLS, 'packed');
export const PROJECT = join(TOOLS, 'project');
