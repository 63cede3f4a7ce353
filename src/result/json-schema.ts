import { z } from 'zod'
import { InspectionReport } from '../inspect/schema.js'
import { Result } from './schema.js'

/** JSON Schema (2020-12) of result.json, for those who read results with other tools. */
export function resultJsonSchema(): Record<string, unknown> {
  const { $schema, ...rest } = z.toJSONSchema(Result)
  return { $schema, title: 'result.json of cgo-deadlock-action', ...rest }
}

/** The same for what `inspect --json` prints. */
export function inspectionJsonSchema(): Record<string, unknown> {
  const { $schema, ...rest } = z.toJSONSchema(InspectionReport)
  return { $schema, title: 'What cgo-deadlock inspect --json prints', ...rest }
}
