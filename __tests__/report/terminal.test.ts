import { stripVTControlCharacters } from 'node:util'
import { describe, expect, it } from 'vitest'
import { bareRunText, diagnosisText, terminalText } from '../../src/report/terminal.js'
import { HOSTILE, rewriteTexts } from '../helpers/hostile.js'
import { makeCleanResult, makeProcess, makeResult } from '../helpers/result.js'

const options = { colour: false, width: 90, reportPath: 'results/report.html' }

describe('terminalText', () => {
  const text = terminalText(makeResult(), makeProcess(), options)

  it('begins with the verdict and ends with where the report is', () => {
    const lines = text.trimEnd().split('\n')
    expect(lines[0]).toBe('❌ Deadlock (fail: expected no deadlock)')
    expect(lines[1]).toMatch(/^Thread 5 waits for itself/)
    expect(lines.at(-1)).toBe('Report: results/report.html')
  })

  it('tells the story, the frames, the graph, the advice and the versions', () => {
    expect(text).toContain('3. SIGPROF arrived when the lock word was already set')
    expect(text).toContain('   rests on lock: word=2 owner=0 count=0')
    expect(text).toMatch(/#0 {2}__lll_lock_wait at lowlevellock\.c:52 {2}<- waiting/)
    expect(text).toContain('culprit: thread 5 (LWP 12, "reproducer"), SIGPROF')
    expect(text).toContain('thread 4 (LWP 11) waits for _dl_load_write_lock')
    expect(text).toContain('    FROM debian:bookworm')
    expect(text).toMatch(/Unwinder at run time +shared libgcc 10\.2\.1-6 \(dl_iterate_phdr\)/)
  })

  it('wraps sentences at the width', () => {
    const narrow = terminalText(makeResult(), null, { ...options, width: 60 })
    const story = narrow.slice(narrow.indexOf('What happened'), narrow.indexOf('The threads'))
    for (const line of story.split('\n')) expect(line.length).toBeLessThanOrEqual(60)
  })

  it('uses colours only when asked, and says the same with them', () => {
    expect(text).toBe(stripVTControlCharacters(text))
    const coloured = terminalText(makeResult(), makeProcess(), { ...options, colour: true })
    expect(coloured).toContain('\u001b[31m')
    expect(stripVTControlCharacters(coloured)).toBe(text)
  })

  it('says what a clean run counted', () => {
    const clean = terminalText(makeCleanResult(), null, { ...options, reportPath: null })
    expect(clean).toMatch(/^✅ Clean \(pass: expected no deadlock\)\nNo deadlock in 30\.0 s/)
    expect(clean).toMatch(/Exceptions thrown +48,113,020/)
    expect(clean).not.toContain('Report:')
  })

  it.each(HOSTILE.map((hostile) => [hostile.slice(0, 40), hostile]))(
    'lets %j neither control the terminal nor begin a line',
    (_name, hostile) => {
      const result = rewriteTexts(makeResult({ warnings: ['w'] }), () => hostile)
      const shown = terminalText(
        result,
        rewriteTexts(makeProcess(), () => hostile),
        options,
      )
      expect(shown.replaceAll('\n', '')).not.toMatch(/[\p{Cc}\p{Bidi_Control}\u2028\u2029]/u)
    },
  )
})

describe('bareRunText', () => {
  const { width, colour } = options

  it('says of a run without an image what terminalText says, without versions and report', () => {
    const result = makeResult({ warnings: ['the core was cut'] })
    const text = bareRunText(result, makeProcess(), { width, colour })
    const whole = terminalText(result, makeProcess(), { width, colour, reportPath: null })
    for (const line of text.split('\n')) expect(whole).toContain(line)
    expect(text).toMatch(/^❌ Deadlock/)
    expect(text).toContain('What happened')
    expect(text).toContain('warning: the core was cut')
    expect(text).not.toContain('Versions')
  })
})

describe('diagnosisText', () => {
  const { width, colour } = options
  const { diagnosis } = makeResult()
  const unread = ['2 threads are known by /proc alone', 'hostile \u001b[31m']

  it('begins with the headline and ends with what could not be read', () => {
    const text = diagnosisText({ ...diagnosis!, unread }, makeProcess(), { width, colour })
    expect(text).toMatch(/^Thread 5 waits for itself/)
    expect(text).toContain('culprit: thread 5')
    expect(text).toMatch(/Class signal-reentrancy, confidence \w+\./)
    expect(text.trimEnd()).toMatch(/What could not be read\n- 2 threads .*\n- hostile$/)
  })

  it('uses colours only when asked', () => {
    const coloured = diagnosisText(diagnosis!, makeProcess(), { width, colour: true })
    expect(coloured).toContain('\u001b[1m')
    expect(stripVTControlCharacters(coloured)).toBe(
      diagnosisText(diagnosis!, makeProcess(), { width, colour }),
    )
  })
})
