import { z } from 'zod'
import { errorMessage } from '../errors.js'
import { Result } from '../result/schema.js'
import { Compat, COMPAT_VERSION } from './compat.js'

/** A result.json as it was found, or why it could not be had. */
export interface FoundResult {
  /** Name of the artifact or folder that it was in */
  readonly where: string
  readonly content: { readonly text: string } | { readonly error: string }
}

/** What a found result is worth. */
export type ReadResult =
  | { readonly kind: 'result'; readonly where: string; readonly result: Result }
  | { readonly kind: 'newer' | 'damaged'; readonly where: string; readonly reason: string }
  | { readonly kind: 'failed'; readonly where: string; readonly reason: string }

const RESULT_VERSION = Result.shape.schemaVersion.value
const Versioned = z.object({ schemaVersion: z.int() })

/** Reads a result.json of whatever worth; never throws. */
export function readResult({ where, content }: FoundResult): ReadResult {
  if ('error' in content) return { kind: 'failed', where, reason: content.error }
  const json = parseJson(content.text)
  if ('reason' in json) return { kind: 'damaged', where, reason: json.reason }
  const newer = newerThan(RESULT_VERSION, json.value)
  if (newer !== null) return { kind: 'newer', where, reason: newer }
  const read = Result.safeParse(json.value)
  if (read.success) return { kind: 'result', where, result: read.data }
  return { kind: 'damaged', where, reason: `It is no result: ${firstIssue(read.error)}.` }
}

/** A compat.json, or a sentence that says why it can't be used. */
export function readCompat(text: string): Compat | { readonly reason: string } {
  const json = parseJson(text)
  if ('reason' in json) return json
  const newer = newerThan(COMPAT_VERSION, json.value)
  if (newer !== null) return { reason: newer }
  const read = Compat.safeParse(json.value)
  return read.success ? read.data : { reason: `It is no compat.json: ${firstIssue(read.error)}.` }
}

function parseJson(text: string): { value: unknown } | { reason: string } {
  try {
    return { value: JSON.parse(text) as unknown }
  } catch (error) {
    return { reason: `It is no JSON: ${errorMessage(error)}.` }
  }
}

function newerThan(known: number, value: unknown): string | null {
  const read = Versioned.safeParse(value)
  if (!read.success || read.data.schemaVersion <= known) return null
  return (
    `It has schema version ${read.data.schemaVersion}, and this version of the tool reads up to ${known}. ` +
    'Use the same version for the cells and for the report.'
  )
}

function firstIssue(error: z.ZodError): string {
  const [issue] = error.issues
  const path = issue?.path.map(String).join('.') ?? ''
  return path === '' ? (issue?.message ?? '') : `${path}: ${issue?.message ?? ''}`
}
