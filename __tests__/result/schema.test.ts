import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Ajv2020 } from 'ajv/dist/2020.js'
import addFormats from 'ajv-formats'
import { describe, expect, it } from 'vitest'
import { Result } from '../../src/result/schema.js'
import { makeCleanResult, makeDiagnosis, makeResult } from '../helpers/result.js'

const file = join(import.meta.dirname, '..', '..', 'schema', 'result.schema.json')
const ajv = new Ajv2020({ allErrors: true })
addFormats.default(ajv)
const validate = ajv.compile(JSON.parse(readFileSync(file, 'utf8')) as object)

/** As somebody else reads it: from JSON text. */
const valid = (result: unknown): boolean => validate(JSON.parse(JSON.stringify(result)))

describe('schema/result.schema.json', () => {
  it.each([
    ['a deadlock', makeResult()],
    ['a clean run', makeCleanResult()],
    [
      'a run without counters',
      makeCleanResult({
        counts: {
          ...makeCleanResult().counts,
          throws: null,
          signals: null,
          unwinds: null,
          exposures: null,
        },
      }),
    ],
    ['a run without a toolchain', makeResult({ toolchain: null })],
    [
      'a diagnosis that knows nothing',
      makeResult({
        diagnosis: makeDiagnosis({
          class: 'unknown',
          failure: 'unknown',
          confidence: 'weak',
          story: [],
          culprits: [],
          victims: [],
          lock: null,
          graph: { nodes: [], edges: [] },
          advice: [],
          raise: 'debug symbols',
          unread: ['everything'],
        }),
      }),
    ],
    ['an inconclusive run', makeResult({ outcome: 'inconclusive', conclusion: 'neither' })],
  ])('takes %s', (_name, result) => {
    expect(valid(result), ajv.errorsText(validate.errors)).toBe(true)
    expect(Result.safeParse(result).success).toBe(true)
  })

  it.each<[string, object]>([
    ['another version', { schemaVersion: 2 }],
    ['an unknown outcome', { outcome: 'hung' }],
    ['an unknown conclusion', { conclusion: 'passed' }],
    ['a time without a zone', { startedAt: '2026-11-23 17:08' }],
    ['a number as text', { counts: { ...makeResult().counts, throws: '12' } }],
    ['fractions of bytes', { evidence: [{ name: 'a', bytes: 1.5, truncated: false }] }],
    ['an input that is not text', { asked: { duration: 30 } }],
    [
      'a story of seven steps',
      {
        diagnosis: makeDiagnosis({
          story: Array.from({ length: 7 }, () => ({ text: 't', rests: 'r' })),
        }),
      },
    ],
    ['a missing field', { headline: undefined }],
    ['an unknown field', { extra: 1 }],
  ])('refuses %s', (_name, wrong) => {
    expect(valid({ ...makeResult(), ...wrong })).toBe(false)
  })
})
