import { functionErrorOf, isSdkError } from './aws-sdk.ts';
import { statusOf } from './http.ts';
import { type CallResult, linksOf, propertyOf } from './result.ts';

/**
 * An error's code: "ECONNREFUSED", "UND_ERR_SOCKET", "ERR_HTTP2_STREAM_ERROR".
 * A word with more digits might be somebody's number.
 */
const CODE = /^[A-Z]{2,24}\d?(_[A-Z]{1,24}\d?){0,6}$/;
/** What an error is called that has no better name. */
const ANONYMOUS = { name: 'Error' };
/** A class's name. */
const NAME = /^[A-Za-z_$][\w$]{0,63}$/;

/**
 * Why a call failed, for whoever is on call: "HTTP 503", "ECONNREFUSED",
 * "TimeoutError". Errors are named and never quoted, for their messages may hold
 * what does not belong in a table.
 */
export function causeOf(result: CallResult): string {
  const functionError = functionErrorOf(result);
  if (functionError !== undefined) return `FunctionError ${nameFrom(functionError)}`;
  const status = statusOf(result);
  if (status !== undefined) return `HTTP ${status}${sdkNameOf(result)}`;
  if ('value' in result) return 'a result that counts as failed';
  return innermostCodeOf(result) ?? nameOf(result.error);
}

/** A status of the AWS means little without the error's name. */
function sdkNameOf(result: CallResult): string {
  if (!('error' in result)) return '';
  const error = linksOf(result).find(isSdkError);
  const name = nameOf(error ?? ANONYMOUS);
  return name === ANONYMOUS.name ? '' : ` ${name}`;
}

/** The system's code is the innermost: around it are those of clients. */
function innermostCodeOf(result: CallResult): string | undefined {
  const codes = linksOf(result).map((link) => propertyOf(link, 'code'));
  return codes.filter(isCode).at(-1);
}

function isCode(code: unknown): code is string {
  return typeof code === 'string' && CODE.test(code);
}

function nameOf(error: unknown): string {
  const name = propertyOf(error, 'name');
  return typeof name === 'string' ? nameFrom(name) : typeof error;
}

function nameFrom(text: string): string {
  return NAME.test(text) ? text : ANONYMOUS.name;
}
