import { describe, expect, it } from 'vitest'
import { outputsOf, unwinderText } from '../../src/result/outputs.js'
import { makeCleanResult, makeResult } from '../helpers/result.js'

const paths = { result: '/tmp/result.json', report: '/tmp/report.html', artifact: null }

describe('outputsOf', () => {
  it('names outcome, class, culprit and the unwinder that ran', () => {
    const artifact = { id: 42, url: 'https://github.com/o/r/actions/runs/1/artifacts/42' }
    expect(outputsOf(makeResult(), { ...paths, artifact })).toEqual({
      outcome: 'deadlock',
      conclusion: 'fail',
      comparison: '',
      class: 'signal-reentrancy',
      headline: makeResult().headline,
      culprit: 'thread 5 (LWP 12, "reproducer"), SIGPROF',
      unwinder: 'shared libgcc 10.2.1-6 (dl_iterate_phdr)',
      'result-path': '/tmp/result.json',
      'report-path': '/tmp/report.html',
      'artifact-id': '42',
      'artifact-url': artifact.url,
    })
  })

  it('is empty where there is nothing to say', () => {
    expect(outputsOf(makeCleanResult({ toolchain: null }), paths)).toMatchObject({
      class: '',
      culprit: '',
      unwinder: '',
      'artifact-id': '',
      'artifact-url': '',
    })
  })

  it('says of the unwinder what is known, and no more', () => {
    const toolchain = makeResult().toolchain!
    const text = (unwinder: typeof toolchain.unwinder): string =>
      unwinderText({ ...toolchain, unwinder })
    expect(text({ linkage: 'static', version: null, lookup: 'unknown' })).toBe('static libgcc')
    expect(text({ linkage: 'unknown', version: '16', lookup: '_dl_find_object' })).toBe(
      'libgcc 16 (_dl_find_object)',
    )
    expect(text({ linkage: 'unknown', version: null, lookup: 'unknown' })).toBe('')
  })
})
