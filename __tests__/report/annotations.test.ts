import { describe, expect, it } from 'vitest'
import { annotationsOf } from '../../src/report/annotations.js'
import { makeCleanResult, makeDiagnosis, makeResult } from '../helpers/result.js'

describe('annotationsOf', () => {
  it('begins with the verdict, its culprit and the unwinder', () => {
    expect(annotationsOf(makeResult())).toEqual([
      {
        level: 'error',
        title: 'Deadlock (fail: expected no deadlock)',
        message: expect.stringMatching(
          /^Thread 5 waits .* Culprit: thread 5 .*SIGPROF\. Unwinder: shared libgcc 10\.2\.1-6 /,
        ) as string,
      },
    ])
  })

  it('is an error only when the step fails', () => {
    const level = (result: ReturnType<typeof makeResult>): string | undefined =>
      annotationsOf(result)[0]?.level
    expect(level(makeCleanResult())).toBe('notice')
    expect(level(makeResult({ outcome: 'inconclusive', conclusion: 'neither' }))).toBe('warning')
  })

  it('gives at most ten, warnings before lesser findings, each short enough for GitHub', () => {
    const other = { class: 'lock-wait' as const, confidence: 'weak' as const, headline: 'other' }
    const annotations = annotationsOf(
      makeResult({
        headline: 'x'.repeat(9000),
        warnings: Array.from({ length: 5 }, (_unused, index) => `warning ${index}\n::error::x`),
        diagnosis: makeDiagnosis({ also: Array.from({ length: 20 }, () => other) }),
      }),
    )
    expect(annotations.map((annotation) => annotation.level)).toEqual([
      'error',
      ...Array.from({ length: 5 }, () => 'warning'),
      ...Array.from({ length: 4 }, () => 'notice'),
    ])
    for (const { message } of annotations) {
      expect(message.length).toBeLessThanOrEqual(4096)
      expect(message).not.toContain('\n')
    }
  })
})
