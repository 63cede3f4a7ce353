import { describe, expect, it } from 'vitest'
import { bisectText, concludeInWords, nameCommit, testLine } from '../../src/bisect/words.js'
import { makeQuestion, makeRecord, makeTest } from '../helpers/bisect.js'

const question = makeQuestion()
const { points } = question

describe('concludeInWords', () => {
  it('names the first one, what it did, and the one before it', () => {
    const tests = [makeTest('1.3', 'good'), makeTest('1.4', 'bad')]
    expect(concludeInWords(question, tests, { kind: 'found', first: 4 })).toEqual({
      kind: 'found',
      points: ['1.4'],
      sentences: [
        'The first bad Go release is Go 1.4: The thread waits for ever.',
        'The one before it, Go 1.3, is good (immune).',
      ],
    })
  })

  it('says which of the two rests on the word of the user', () => {
    const asked = makeQuestion({ seeks: 'good', knownEnds: true })
    const { sentences } = concludeInWords(asked, [makeTest('1.1', 'good')], {
      ...{ kind: 'found', first: 1 },
    })
    expect(sentences).toEqual([
      'The first good Go release is Go 1.1: Every handler came back.',
      'The one before it, Go 1.0, is bad, as was said (--known-ends).',
    ])
  })

  it('says plainly that both ends are the same', () => {
    const { kind, sentences } = concludeInWords(question, [makeTest('1.7', 'good')], {
      ...{ kind: 'same', end: 7, answer: 'good' },
    })
    expect(kind).toBe('same')
    expect(sentences.join(' ')).toBe(
      'Go 1.7 was called bad, but it is good: Every handler came back. ' +
        'With both ends good there is no first bad Go release between them. Give other ends, or other inputs.',
    )
  })

  it('lists what can’t be told apart', () => {
    expect(concludeInWords(question, [], { kind: 'among', from: 3, to: 5 })).toEqual({
      kind: 'among',
      points: ['1.3', '1.4', '1.5'],
      sentences: [
        'The first bad Go release is one of Go 1.3; Go 1.4; Go 1.5.',
        "2 of them can't be tested; their tests say why.",
      ],
    })
    const last = concludeInWords(question, [], { kind: 'among', from: 7, to: 8 })
    expect(last.sentences[0]).toBe('The first bad Go release is Go 1.7, or there is none.')
    const none = concludeInWords(question, [], { kind: 'among', from: 0, to: 8 })
    expect(none.sentences).toEqual(['No point could be tested; the tests say why.'])
  })
})

describe('bisectText', () => {
  it('shows the tested points in the order of the axis and marks the first', () => {
    const tests = [makeTest('1.4', 'bad'), makeTest('1.2', 'untestable'), makeTest('1.3', 'good')]
    const conclusion = concludeInWords(question, tests, { kind: 'found', first: 4 })
    const text = bisectText(makeRecord({ tests, conclusion }))
    expect(text.split('\n').slice(0, 6)).toEqual([
      '8 points, from Go 1.0 to Go 1.7; 3 tested:',
      '',
      '  untestable  Go 1.2: no result: The build failed (1.5 s)',
      '  good        Go 1.3: immune: Every handler came back (1.5 s)',
      '> bad         Go 1.4: deadlock: The thread waits for ever (1.5 s)',
      '',
    ])
  })
})

it('disarms what others wrote', () => {
  const test = makeTest('1.2', 'untestable', { headline: 'a\u001b[31m\n::error::b\u202e' })
  expect(testLine(test, points)).toBe(
    'untestable  Go 1.2: no result: a ::error::b\\u{202e} (1.5 s)',
  )
  const revision = {
    commit: '0123456789abcdef',
    subject: 'x\u001b[2Jy',
    authoredAt: '2024-03-02T1',
  }
  expect(nameCommit(revision)).toBe('0123456789ab “xy” (2024-03-02)')
})
