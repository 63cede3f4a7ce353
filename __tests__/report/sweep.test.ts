import { fromMarkdown } from 'mdast-util-from-markdown'
import { gfmFromMarkdown } from 'mdast-util-gfm'
import { gfm } from 'micromark-extension-gfm'
import { type DefaultTreeAdapterTypes, parse, parseFragment } from 'parse5'
import { describe, expect, it } from 'vitest'
import { reportFiles } from '../../src/report/files.js'
import { reportHtml } from '../../src/report/html.js'
import { summaryMarkdown } from '../../src/report/summary.js'
import { decisionSentence } from '../../src/report/sweep-decision.js'
import { layStrip } from '../../src/report/sweep-strip.js'
import { stripTitle, sweepSvgFile } from '../../src/report/sweep-svg.js'
import { mapSentences, sweepSentences, windowSentence } from '../../src/report/sweep-words.js'
import { terminalText } from '../../src/report/terminal.js'
import { NO_EVIDENCE_TEXTS } from '../../src/report/types.js'
import type { Hazard, Sweep } from '../../src/sweep/schema.js'
import { shareText } from '../../src/sweep/words.js'
import { HOSTILE, rewriteTexts } from '../helpers/hostile.js'
import { makeCleanResult, makeResult } from '../helpers/result.js'
import { makeMap, makeSweptResult, readSwept } from '../helpers/swept.js'

const deadlock = readSwept('deadlock-glibc-2.31')
const immune = readSwept('immune-glibc-2.41')
const mapped: Sweep = { ...deadlock, map: makeMap(deadlock) }

/** A real word of glibc 2.31, its stacks shortened by hand. */
const hazard: Hazard = {
  memory: '0x7f60c890f990',
  symbol: '_rtld_global+2352',
  kind: 'lock',
  swept: { kind: 'cmpxchg', at: deadlock.failures[0]!.at!, stack: [deadlock.failures[0]!.at!] },
  handler: {
    kind: 'cmpxchg',
    at: deadlock.failures[0]!.at!,
    stack: [deadlock.failures[0]!.waiting!],
  },
}

const material = (sweep: Sweep): Parameters<typeof reportHtml>[0] => ({
  result: makeSweptResult(sweep),
  process: null,
  texts: NO_EVIDENCE_TEXTS,
})

const terminal = (sweep: Sweep, width = 100): string =>
  terminalText(makeSweptResult(sweep), null, { colour: false, width, reportPath: null })

const summary = (sweep: Sweep): string =>
  summaryMarkdown(material(sweep), { heldBytes: 0, artifactUrl: null })

type Element = DefaultTreeAdapterTypes.Element
type Node = DefaultTreeAdapterTypes.Node

function elements(node: Node): Element[] {
  const children = 'childNodes' in node ? node.childNodes : []
  return children.flatMap((child) =>
    'tagName' in child ? [child, ...elements(child)] : elements(child),
  )
}

function textOf(node: Node): string {
  if (node.nodeName === '#text' && 'value' in node) return node.value
  return 'childNodes' in node ? node.childNodes.map((child) => textOf(child)).join('') : ''
}

const attribute = (element: Element, name: string): string =>
  element.attrs.find((attr) => attr.name === name)?.value ?? ''

const hasClass = (element: Element, name: string): boolean =>
  attribute(element, 'class').split(' ').includes(name)

const squeeze = (text: string): string => text.replace(/\s+/g, ' ').trim()

describe('layStrip', () => {
  it('counts each step once, in rows of a round number', () => {
    const strip = layStrip(deadlock)!
    expect(strip.steps).toBe(10_713)
    expect(strip.rowSteps).toBe(1000)
    let next = 0
    for (const { from, to } of strip.segments) {
      expect(from).toBe(next)
      next = to + 1
    }
    expect(next).toBe(strip.steps)
    expect(strip.files.reduce((sum, { steps }) => sum + steps, 0)).toBe(strip.steps)
  })

  it('puts the file with most of the steps first', () => {
    expect(layStrip(deadlock)!.files[0]).toEqual({
      path: '/lib/x86_64-linux-gnu/libgcc_s.so.1',
      steps: 8224,
    })
  })

  it('marks the failure inside the function that it was seen in', () => {
    const strip = layStrip(deadlock)!
    expect(strip.marks.map(({ from, to, kinds }) => [from, to, kinds])).toEqual([
      [256, 256, ['deadlock']],
    ])
    const under = strip.segments.find(({ from, to }) => from <= 256 && to >= 256)!
    expect(under.function).toBe('pthread_mutex_lock')
    expect(layStrip(immune)!.marks).toEqual([])
  })

  it('does not mark a step of another throw that went another way', () => {
    const [failure] = deadlock.failures
    const cold = { ...failure!, temperature: 'cold' as const, step: 1800 }
    const strip = layStrip({ ...deadlock, failures: [cold] })!
    expect(strip.marks).toEqual([])
    expect(stripTitle(strip, 'a throw')).toBe(
      'A throw in 10,713 steps through 6 files, no deadly place on it, 1 on another way',
    )
  })

  it('marks windows of a map, and no failure twice that lies in one', () => {
    const marks = layStrip(mapped)!.marks
    expect(marks.length).toBe(mapped.map!.windows.length)
    expect(marks.length).toBeGreaterThan(3)
    expect(marks[0]).toMatchObject({ from: 256, to: 264 })
  })

  it('joins pieces that are too short to be seen when there are very many', () => {
    const stretches = Array.from(
      { length: 20_000 },
      (_, index): [number, number, number, string] => [1, index % 2, index % 3, '0x1'],
    )
    const way = { temperature: null, files: ['/a', '/b'], functions: ['f', 'g', 'h'], stretches }
    const strip = layStrip({ way, map: null, failures: [] })!
    expect(strip.segments.length).toBeLessThan(4000)
    expect(strip.segments.at(-1)!.to).toBe(19_999)
    expect(strip.files.map(({ steps }) => steps)).toEqual([10_000, 10_000])
  })

  it('is null without a way', () => {
    expect(layStrip({ way: null, map: null, failures: [] })).toBeNull()
  })
})

describe('sweep.svg', () => {
  const svg = sweepSvgFile(layStrip(mapped)!, 'a throw')
  const all = elements(parseFragment(svg.replace(/^<\?xml.*\n/, '')))
  const pieces = all.filter((element) => hasClass(element, 'at'))
  const title = (element: Element): string =>
    textOf(elements(element).find(({ tagName }) => tagName === 'title')!)

  it('is written beside the report, and only where there was a sweep', () => {
    expect(reportFiles(material(deadlock))['sweep.svg']).toMatch(/^<\?xml .*\n<svg xmlns=/)
    const natural = { ...material(deadlock), result: makeResult() }
    expect(Object.keys(reportFiles(natural))).not.toContain('sweep.svg')
  })

  it('says of each piece its steps, function, file and offset, without a script', () => {
    const lock = pieces.find((piece) => title(piece).startsWith('Steps 237–268'))!
    expect(title(lock)).toBe('Steps 237–268: pthread_mutex_lock, libpthread-2.31.so from 0xa760')
    expect(pieces.every((piece) => title(piece) !== '')).toBe(true)
    expect(svg).not.toContain('<script')
  })

  it('says of each mark what happens there, and can be reached by the keyboard', () => {
    const marks = pieces.filter((piece) => hasClass(piece, 'mark'))
    expect(title(marks[0]!)).toBe(
      'Steps 256–264: deadlock by SIGPROF, pthread_mutex_lock+241 to +282 (libpthread-2.31.so). The thread is then at __lll_lock_wait+43 (libpthread-2.31.so)',
    )
    expect(marks.every((mark) => attribute(mark, 'tabindex') === '0')).toBe(true)
  })

  it('has a legend with the files, and numbers under each row', () => {
    const texts = all
      .filter(({ tagName }) => tagName === 'text')
      .map((text) => squeeze(textOf(text)))
    expect(texts).toContain('libgcc_s.so.1')
    expect(texts).toContain('8,224 steps, 76.8 %')
    for (const step of ['0', '200', '1,000', '10,600']) expect(texts).toContain(step)
    expect(texts).not.toContain('10,800')
  })

  it('draws all bars inside the picture, as wide together as the steps', () => {
    const bars = pieces
      .filter((piece) => !hasClass(piece, 'mark'))
      .flatMap((piece) => elements(piece).filter(({ tagName }) => tagName === 'rect'))
    const widths = bars.map((bar) => Number.parseFloat(attribute(bar, 'width')))
    expect(widths.reduce((sum, width) => sum + width, 0)).toBeCloseTo(1071.3, 1)
    for (const bar of bars) {
      const x = Number.parseFloat(attribute(bar, 'x'))
      expect(x + Number.parseFloat(attribute(bar, 'width'))).toBeLessThanOrEqual(100.001)
    }
  })
})

describe('the sweep on the page', () => {
  const page = (sweep: Sweep): Element =>
    elements(parse(reportHtml(material(sweep)))).find((each) => attribute(each, 'id') === 'sweep')!
  const words = (sweep: Sweep): string => squeeze(textOf(page(sweep)))
  const rows = (sweep: Sweep): string[] =>
    elements(page(sweep))
      .filter(({ tagName }) => tagName === 'tr')
      .map((row) => row.childNodes.map((cell) => squeeze(textOf(cell))).join(' '))
      .map(squeeze)

  it('tells what was done, what failed and what was tried', () => {
    const text = words(deadlock)
    expect(text).toContain('SIGPROF was put at one instruction after the other of a throw')
    expect(text).toContain(
      'Deadlock: SIGPROF at step 256 of a throw, before pthread_mutex_lock+241',
    )
    expect(rows(deadlock)).toContain('SIGPROF warm dense 0 of 1 256 181 181 180 76 repeated')
    expect(text).toContain('The outcome rests on the sweep alone.')
  })

  it('tells windows and prediction of a map in plain words', () => {
    const text = words(mapped)
    expect(rows(mapped)).toContain(
      '256–264 pthread_mutex_lock+241 to +282 (libpthread-2.31.so) yes deadlock __lll_lock_wait+43 (libpthread-2.31.so) SIGPROF',
    )
    expect(text).toContain('hang it after 0.2 s on average')
  })

  it('opens at each deadly place the stack, where the thread is since, and the lock word', () => {
    const stack = ['dl_iterate_phdr', '_Unwind_Find_FDE'].map((name, at) => ({
      file: '/lib/libc.so.6',
      offset: `0x${at + 1}`,
      function: name,
      functionOffset: at + 1,
    }))
    const failures = deadlock.failures.map((failure) => ({ ...failure, stack }))
    const folded = elements(page({ ...deadlock, failures })).find(
      (each) => each.tagName === 'details' && attribute(each, 'data-from') === '256',
    )!
    expect(squeeze(textOf(folded))).toMatch(
      /^Step 256: pthread_mutex_lock.*__lll_lock_wait\+43.*, where the thread is since.*the signal’s handler.*pthread_mutex_lock\+241.*, where the signal came.*dl_iterate_phdr.*_Unwind_Find_FDE.*asleep in futex\(0x[0-9a-f]+\), operation 0x80, value 0x2/,
    )
  })

  it('opens a window of a map under the first of its steps, as its mark on the strip asks for', () => {
    const marks = elements(page(mapped)).filter((each) => hasClass(each, 'mark'))
    const folded = elements(page(mapped)).filter((each) => each.tagName === 'details')
    const steps = folded.map((each) => attribute(each, 'data-from'))
    expect(marks.length).toBeGreaterThan(3)
    for (const mark of marks) expect(steps).toContain(attribute(mark, 'data-from'))
  })

  it('says of which throw the picture is', () => {
    const way = { ...deadlock.way!, temperature: 'warm' as const }
    expect(words({ ...deadlock, way })).toContain('A warm throw in 10,713 steps')
    expect(words(deadlock)).toContain('A throw in 10,713 steps')
  })

  it('lists hazards with both stacks folded', () => {
    const hazards = page({ ...immune, hazards: [hazard] })
    const folded = elements(hazards).find(
      (each) => each.tagName === 'details' && textOf(each).includes('_rtld_global+2352'),
    )!
    expect(squeeze(textOf(folded))).toMatch(/In the swept code \(cmpxchg\).*In the handler/)
  })

  it('has the picture as a list too', () => {
    expect(rows(immune)).toContain(
      '191–192 _dl_find_object /usr/lib/x86_64-linux-gnu/libc.so.6 0x15fcc0',
    )
    expect(rows(immune).length).toBeGreaterThan(layStrip(immune)!.segments.length)
  })

  it('is not there without a sweep', () => {
    const html = reportHtml({ ...material(deadlock), result: makeResult() })
    expect(html).not.toContain('id="sweep"')
  })
})

describe('the sweep in the step summary and on the terminal', () => {
  it('has a line and the tables in Markdown', () => {
    const text = summary({ ...mapped, hazards: [hazard] })
    expect(text).toContain('### The sweep')
    expect(text).toMatch(
      /\| *256–264 \| `pthread_mutex_lock\+241 to \+282 \(libpthread-2\.31\.so\)`/,
    )
    expect(text).toMatch(/\| SIGPROF \| warm +\| dense +\| +0 of 1 \|/)
    expect(text).toContain('Both stacks of each')
    const part = text.slice(text.indexOf('### The sweep'), text.indexOf('### Versions'))
    const tree = fromMarkdown(part, { extensions: [gfm()], mdastExtensions: [gfmFromMarkdown()] })
    expect(tree.children.filter(({ type }) => type === 'table').length).toBe(2)
  })

  it('has counts, failing instruction and windows on the terminal', () => {
    const text = terminal(mapped)
    expect(text).toContain('  SIGPROF  warm   dense      0 of 1    256      181      181')
    expect(squeeze(text)).toContain('at step 256 of a throw, before pthread_mutex_lock+241')
    expect(squeeze(text)).toContain(
      '- Steps 256–264, pthread_mutex_lock+241 to +282 (libpthread-2.31.so), which takes or gives back a lock: deadlock by SIGPROF',
    )
    expect(terminal(immune)).toMatch(/SIGPROF {2}cold {3}strided {2}16 of 16 {2}20,015 {3}19,921/)
  })

  it('says swept where nothing was watched, and shows no count that was not made', () => {
    for (const text of [terminal(immune), summary(immune)]) {
      expect(text).toMatch(/Swept +\|? ?16\.6 s/)
      expect(text).toContain('The sweep took 16.6 s.')
      expect(text).not.toMatch(/Watched|Exceptions thrown/)
    }
    const both = makeSweptResult(immune, { experiment: 'both' })
    const text = terminalText(both, null, { colour: false, width: 100, reportPath: null })
    expect(text).toMatch(/Swept .*\n +Watched/)
  })
})

describe('words about a sweep', () => {
  it('says each where each handler did, and how many where not', () => {
    expect(sweepSentences(immune)[1]).toBe(
      'In 16.6 s 58,008 signals were sent; each handler was seen to enter cgoTraceback and each handler was seen to come back.',
    )
    expect(sweepSentences(deadlock)[1]).toContain('180 handlers were seen to come back')
  })

  it('says which part decided, and what the other one showed', () => {
    const both = { ...makeCleanResult(), experiment: 'both' as const, sweep: immune }
    expect(decisionSentence({ ...both, decidedBy: 'sweep' })).toMatch(
      /^The outcome rests on the sweep\. The run by itself that followed found no fault in 30\.0 s \(48,113,020 throws/,
    )
    expect(decisionSentence({ ...both, decidedBy: 'natural' })).toBe(
      `The outcome rests on the run by itself. The sweep before it found no fault. ${immune.headline}`,
    )
    expect(decisionSentence({ ...both, sweep: deadlock, decidedBy: 'sweep' })).toBe(
      'The outcome rests on the sweep; no run by itself followed.',
    )
    const unproven = {
      ...immune,
      outcome: 'inconclusive' as const,
      headline: 'The sweep proves nothing: x.',
    }
    expect(decisionSentence({ ...both, sweep: unproven, decidedBy: 'natural' })).toBe(
      'The outcome rests on the run by itself. The sweep proves nothing: x.',
    )
    expect(decisionSentence(makeCleanResult())).toBeNull()
  })

  it('says how many were decided, and speaks of one step as of one', () => {
    const [window] = mapped.map!.windows
    expect(mapSentences(mapped.map!)[0]).toMatch(
      /^Each of the 10,637 .* was decided, with 46 fresh/,
    )
    expect(mapSentences({ ...mapped.map!, complete: false, decided: 8988 })[0]).toMatch(
      /^Only 8,988 of the 10,637 instructions that can take a signal were decided/,
    )
    expect(windowSentence({ ...window!, to: window!.from })).toMatch(/^Step 256, /)
  })

  it('says that nothing is predicted where no look hit', () => {
    const time = {
      ...mapped.map!.time!,
      hits: 0,
      share: 0,
      low: 0,
      high: 0.00015,
      secondsToHang: null,
      hangsPerHour: 0,
    }
    const text = mapSentences({ ...mapped.map!, deadly: [], windows: [], time }).join(' ')
    expect(text).toContain('0.0 % found the thread at a deadly instruction')
    expect(text).toContain('95 % confidence: 0.0 % to 0.01 %')
    expect(text).not.toContain('null')
  })

  it.each([
    [0, '0.0 %'],
    [0.0543, '5.4 %'],
    [0.00004, '0.004 %'],
  ])('writes a share of %d as %s', (share, text) => {
    expect(shareText(share)).toBe(text)
  })
})

describe('a sweep of a hostile program', () => {
  const short: Sweep = {
    ...mapped,
    hazards: [hazard],
    way: { ...mapped.way!, stretches: mapped.way!.stretches.slice(0, 40) },
  }
  const tags = (text: string): string[] =>
    elements(parse(text)).map(({ tagName, attrs }) =>
      [tagName, ...attrs.map(({ name }) => name)].join(' '),
    )
  const plain = makeSweptResult(short)
  const known = new Set(tags(reportHtml({ ...material(short), result: plain })))
  for (const tag of tags(sweepSvgFile(layStrip(short)!, 'a throw'))) known.add(tag)

  it.each(HOSTILE.map((hostile) => [hostile.slice(0, 40), hostile]))(
    'shows %j as text and nothing else',
    (_name, hostile) => {
      const written = rewriteTexts(short, () => hostile)
      const sweep: Sweep = { ...written, outcome: short.outcome, ends: short.ends }
      const result = { ...plain, sweep }
      for (const tag of tags(reportHtml({ ...material(short), result })))
        expect(known).toContain(tag)
      for (const tag of tags(sweepSvgFile(layStrip(sweep)!, hostile))) expect(known).toContain(tag)
      const options = { colour: false, width: 90, reportPath: null }
      const shown = terminalText(result, null, options).replaceAll('\n', '')
      expect(shown).not.toMatch(/[\p{Cc}\p{Bidi_Control}\u2028\u2029]/u)
    },
  )
})
