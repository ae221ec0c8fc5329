/** Something the person at the terminal can put right: shown without a stack trace. */
export class DemoError extends Error {
  override readonly name = 'DemoError';
}
