import { describe, expect, it } from 'vitest'
import { doubtDiagnosis, findOtherFiles, isDecisive } from '../../src/host/other-files.js'
import { readBuildId, withFile } from '../../src/host/build-id.js'
import { makeResult } from '../helpers/result.js'

const LIBC = '/lib/x86_64-linux-gnu/libc.so.6'

describe('findOtherFiles', () => {
  const node = process.execPath
  const own = withFile('/bin/sh', readBuildId) ?? ''

  it('finds those whose build id is another, and no others', () => {
    const buildIds = new Map([
      ['/bin/sh', own],
      ['/bin/ls', own],
      ['/nowhere', own],
      ['/etc/passwd', own],
    ])
    expect(findOtherFiles({ buildIds }, (path) => path)).toEqual(['/bin/ls'])
    expect(findOtherFiles({ buildIds }, () => '/bin/sh')).toEqual([])
    expect(findOtherFiles({ buildIds: new Map([[node, 'x']]) }, () => '/nowhere')).toEqual([])
  })
})

describe('isDecisive', () => {
  it.each([
    [LIBC, true],
    ['/lib64/ld-linux-x86-64.so.2', true],
    ['/lib/ld-musl-x86_64.so.1', true],
    ['/lib/x86_64-linux-gnu/libpthread-2.31.so', true],
    ['/usr/lib/libz.so.1', false],
    ['/usr/lib/libcap.so.2', false],
    ['/app/program', true],
  ])('%s: %s', (path, decisive) => {
    expect(isDecisive(path, '/app/program')).toBe(decisive)
  })
})

describe('doubtDiagnosis', () => {
  const { diagnosis } = makeResult()
  if (diagnosis === null) throw new Error('the example has a diagnosis')

  it('leaves alone what was read with the right files', () => {
    expect(doubtDiagnosis(diagnosis, { others: [], missing: [] })).toBe(diagnosis)
  })

  it('makes a hint of a fault, and says what would help', () => {
    const doubted = doubtDiagnosis(diagnosis, { others: [LIBC], missing: [] })
    expect(doubted).toMatchObject({ class: diagnosis.class, confidence: 'weak' })
    expect(doubted.unread.join()).toContain(`${LIBC}: the build ids differ`)
    expect(doubted.raise).toContain('--image')
  })

  it('takes back that nothing is stuck, and keeps it as what else was seen', () => {
    const idle = {
      ...diagnosis,
      ...({ class: 'idle', failure: 'none', headline: 'Nothing is stuck.' } as const),
    }
    expect(doubtDiagnosis(idle, { others: [], missing: [LIBC] })).toMatchObject({
      ...{ class: 'unknown', failure: 'unknown', confidence: 'weak', culprits: [] },
      also: [{ class: 'idle', confidence: 'weak', headline: 'Nothing is stuck.' }],
      headline: expect.stringContaining(LIBC) as string,
    })
  })
})
