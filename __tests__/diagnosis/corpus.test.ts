import { globSync, readFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { diagnose } from '../../src/diagnosis/diagnose.js'
import type { Diagnosis } from '../../src/diagnosis/schema.js'
import { parseDump } from '../../src/gdb/dump.js'
import { parseGdbText } from '../../src/gdb/text.js'
import type { StoppedProcess } from '../../src/gdb/types.js'

/** What a case's dumps must be explained as. Threads are named by a function of the program on their stack. */
interface Expected {
  class: Diagnosis['class']
  failure: Diagnosis['failure']
  confidence: Diagnosis['confidence'][]
  /** Null: not looked at */
  culprits: string[] | null
  victims: string[] | null
  signals?: string[]
  windows?: (string | null)[]
  /** Classes allowed for dumps posted as plain text, which say less */
  text: Diagnosis['class'][]
}

const DUMPS = join(import.meta.dirname, '../fixtures/dumps')
const HEALTHY = new Set([
  'idle-pool',
  'semaphore',
  'slow-owner',
  'busy',
  'kinds',
  'safe-unwinder',
  'go-idle',
  'go-reproducer-safe',
])
const cases = globSync(join(DUMPS, '*/expected.json')).sort()

function readExpected(file: string): Expected {
  return JSON.parse(readFileSync(file, 'utf8')) as Expected
}

function dumpsOf(file: string, extension: string): string[] {
  return globSync(join(dirname(file), `*.${extension}`)).sort()
}

function readProcess(dump: string): StoppedProcess {
  const text = readFileSync(dump, 'utf8')
  return dump.endsWith('.jsonl') ? parseDump(text.split('\n')).process : parseGdbText(text)
}

/** Which of `names` is on the stack of each thread, sorted. */
function functionsOf(
  process: StoppedProcess,
  threads: readonly { readonly lwp: number | null }[],
  names: readonly string[],
): string[] {
  return threads
    .map(({ lwp }) => {
      const frames = process.threads.find((thread) => thread.lwp === lwp)?.frames ?? []
      return names.find((name) => frames.some((frame) => frame.function === name)) ?? '?'
    })
    .sort()
}

describe.each(cases.map((file) => [basename(dirname(file)), file]))('%s', (name, file) => {
  it.each(dumpsOf(file, 'jsonl').map((dump) => [basename(dump, '.jsonl'), dump]))(
    '%s',
    (_, dump) => {
      const expected = readExpected(file)
      const process = readProcess(dump)
      const found = diagnose(process)
      expect(found).toMatchObject({ class: expected.class, failure: expected.failure })
      expect(expected.confidence).toContain(found.confidence)
      if (expected.culprits !== null)
        expect(functionsOf(process, found.culprits, expected.culprits)).toEqual(expected.culprits)
      if (expected.victims !== null)
        expect(functionsOf(process, found.victims, expected.victims)).toEqual(expected.victims)
      if (found.confidence !== 'proven') expect(found.raise).toMatch(/\w{3}.*\.$/)
      for (const culprit of found.culprits) {
        if (expected.windows !== undefined) expect(expected.windows).toContain(culprit.window)
        if (expected.signals !== undefined) expect(expected.signals).toContain(culprit.signal?.name)
      }
    },
  )

  it.each(dumpsOf(file, 'txt').map((dump) => [basename(dump, '.txt'), dump]))(
    '%s, as text',
    (_, dump) => {
      const expected = readExpected(file)
      const found = diagnose(readProcess(dump))
      expect(expected.text).toContain(found.class)
      if (HEALTHY.has(name)) expect(found.failure).not.toMatch(/deadlock|livelock/)
    },
  )
})

it('has every case of the corpus', () => {
  const folders = globSync(join(DUMPS, '*/*.jsonl')).map((file) => basename(dirname(file)))
  const known = cases.map((file) => basename(dirname(file)))
  expect([...new Set(folders)].filter((name) => !known.includes(name))).toEqual([])
})
