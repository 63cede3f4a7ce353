import { z } from 'zod'
import { Compat } from './compat.js'

/** JSON Schema (2020-12) of compat.json, for those who read tables with other tools. */
export function compatJsonSchema(): Record<string, unknown> {
  const { $schema, ...rest } = z.toJSONSchema(Compat)
  return { $schema, title: 'compat.json of cgo-deadlock-action', ...rest }
}
