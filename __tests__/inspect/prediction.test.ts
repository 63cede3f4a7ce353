import { describe, expect, it } from 'vitest'
import { compareWithRun, disagreementText, predictionText } from '../../src/inspect/prediction.js'
import { findDisagreement } from '../../src/experiment/inspection.js'
import { versionRows } from '../../src/report/facts.js'
import { makeInspection, makeResult } from '../helpers/result.js'

const OURS = 'signal-reentrancy'

describe('a prediction against the run', () => {
  it.each([
    ['vulnerable', 'deadlock', OURS, 'agrees'],
    ['vulnerable', 'terminated', OURS, 'agrees'],
    ['safe', 'livelock', OURS, 'disagrees'],
    ['safe', 'deadlock', 'lock-cycle', 'undecided'],
    ['safe', 'clean', null, 'agrees'],
    ['safe', 'immune', null, 'agrees'],
    ['vulnerable', 'immune', null, 'disagrees'],
    ['vulnerable', 'clean', null, 'disagrees'],
    ['vulnerable', 'inconclusive', null, 'undecided'],
    ['unknown', 'deadlock', OURS, 'undecided'],
    ['safe', 'exited', null, 'undecided'],
  ] as const)('%s, then %s (%s): %s', (verdict, outcome, faultClass, expected) => {
    expect(compareWithRun({ verdict }, { outcome, faultClass })).toBe(expected)
  })

  it('is a finding of its own where they disagree, and only there', () => {
    const wrong = makeInspection({ verdict: 'safe', headline: 'No symbolizer is linked in.' })
    const run = { outcome: 'deadlock', faultClass: OURS } as const
    expect(disagreementText(wrong, run)).toContain('safe')
    expect(disagreementText(wrong, run)).toContain('No symbolizer is linked in.')
    expect(disagreementText(makeInspection(), run)).toBeNull()
    expect(findDisagreement(wrong, 'deadlock', { class: OURS })).toHaveLength(1)
    expect(findDisagreement(null, 'deadlock', { class: OURS })).toEqual([])
  })

  it('stands among the facts of a report', () => {
    const rows = versionRows(makeResult())
    expect(rows.find(({ what }) => what === 'Predicted by files')?.built).toBe(
      predictionText({ verdict: 'vulnerable' }, { outcome: 'deadlock', faultClass: OURS }),
    )
    expect(versionRows(makeResult({ inspection: null })).map(({ what }) => what)).not.toContain(
      'Predicted by files',
    )
  })
})
