import { Ajv } from 'ajv';
import schema from './comparison-report.schema.json' with { type: 'json' };
import type { Report } from './report.ts';

const validate = new Ajv({ allErrors: true, allowUnionTypes: true }).compile(schema);

export const schemaText = `${JSON.stringify(schema, null, 2)}\n`;

/** Throws when the report is not what its schema promises: that is a mistake in this program. */
export function checkAgainstSchema(report: Report): void {
  if (validate(report)) return;
  const problems = validate.errors?.map(
    ({ instancePath, message }) => `${instancePath} ${message}`,
  );
  throw new Error(`The report breaks its schema:\n  ${problems?.join('\n  ')}`);
}
