import { describe, expect, it } from 'vitest'
import { reportFiles } from '../../src/report/files.js'
import { NO_EVIDENCE_TEXTS } from '../../src/report/types.js'
import { makeCleanResult, makeResult } from '../helpers/result.js'

describe('reportFiles', () => {
  it('makes the record, the page and the picture', () => {
    const result = makeResult()
    const files = reportFiles({ result, process: null, texts: NO_EVIDENCE_TEXTS })
    expect(JSON.parse(files['result.json'] ?? '')).toEqual(result)
    expect(files['report.html']).toMatch(/^<!doctype html>/)
    expect(files['graph.svg']).toContain('<svg')
  })

  it('makes no picture where there is nothing to draw', () => {
    const material = { result: makeCleanResult(), process: null, texts: NO_EVIDENCE_TEXTS }
    expect(Object.keys(reportFiles(material))).toEqual(['result.json', 'report.html'])
  })
})
