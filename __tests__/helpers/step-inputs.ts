import { INPUT_DEFAULTS, readInputs } from '../../src/inputs/inputs.js'
import type { Inputs } from '../../src/inputs/inputs.js'

/**
 * What the action makes of a step's `with`.
 * @throws Error for a name that action.yml does not declare, ConfigurationError for a value that the action refuses
 */
export function parseInputTexts(
  given: Readonly<Record<string, string | number | boolean>>,
): Inputs {
  for (const name of Object.keys(given)) {
    if (!(name in INPUT_DEFAULTS)) throw new Error(`${name} is not an input of the action`)
  }
  return readInputs((name) => String(given[name] ?? ''))
}
