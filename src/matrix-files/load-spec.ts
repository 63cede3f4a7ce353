import { readFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { ConfigurationError, errorMessage } from '../errors.js'
import { readSpec } from '../matrix/read-spec.js'
import { PRESET_NAMES } from '../matrix/spec.js'
import type { Spec } from '../matrix/spec.js'

/** A spec, and where it came from. */
export interface LoadedSpec {
  readonly spec: Spec
  /** As it was asked for */
  readonly name: string
  /** YAML that gives the same spec again */
  readonly text: string
  /** Absolute path; null: a preset */
  readonly path: string | null
}

/**
 * The spec in a file, or the preset of that name.
 * @throws ConfigurationError when there is neither, or the file holds mistakes
 */
export async function loadSpec(name: string, cwd: string): Promise<LoadedSpec> {
  if ((PRESET_NAMES as readonly string[]).includes(name)) {
    const text = `preset: ${name}\n`
    return { spec: readSpec(text, name), name, text, path: null }
  }
  const path = resolve(cwd, name)
  const text = await readFile(path, 'utf8').catch((error: unknown) => {
    throw new ConfigurationError(
      `The spec ${JSON.stringify(name)} can't be read: ${errorMessage(error)}. ` +
        `Give the path of a YAML file, or a preset: ${PRESET_NAMES.join(', ')}.`,
      { cause: error },
    )
  })
  return { spec: readSpec(text, name), name, text, path }
}
