// Validates an OpenAPI document, its examples included, with Redocly's validator: prints what is wrong, and ends with 1 if anything is.
import { readFile } from 'node:fs/promises';
import { createConfig, lintFromString } from '@redocly/openapi-core';

const rules = [
  'struct',
  'no-unresolved-refs',
  'no-unused-components',
  'no-invalid-media-type-examples',
  'no-invalid-parameter-examples',
  'no-invalid-schema-examples',
  'no-enum-type-mismatch',
  'no-identical-paths',
  'no-duplicated-tag-names',
  'operation-operationId',
  'operation-operationId-unique',
  'operation-operationId-url-safe',
  'operation-summary',
  'operation-tag-defined',
  'operation-2xx-response',
  'operation-4xx-response',
  'operation-parameters-unique',
  'path-parameters-defined',
  'security-defined',
];
const config = await createConfig({ rules: Object.fromEntries(rules.map((rule) => [rule, 'error'])) });
const problems = await lintFromString({ source: await readFile(process.argv[2], 'utf8'), config });
for (const problem of problems) console.log(`${problem.ruleId}: ${problem.message.split('\n')[0]} ${problem.location[0]?.pointer ?? ''}`);
process.exitCode = problems.length > 0 ? 1 : 0;
