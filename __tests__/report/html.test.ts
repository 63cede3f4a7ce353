import { createHash } from 'node:crypto'
import { Script } from 'node:vm'
import { type DefaultTreeAdapterTypes, parse } from 'parse5'
import { describe, expect, it } from 'vitest'
import { html } from '../../src/report/html/markup.js'
import { reportHtml } from '../../src/report/html.js'
import { type EvidenceTexts, NO_EVIDENCE_TEXTS } from '../../src/report/types.js'
import type { StoppedProcess } from '../../src/gdb/types.js'
import type { Result } from '../../src/result/schema.js'
import { HOSTILE, rewriteTexts } from '../helpers/hostile.js'
import {
  makeCleanResult,
  makeDiagnosis,
  makeDump,
  makeProcess,
  makeResult,
} from '../helpers/result.js'

type Element = DefaultTreeAdapterTypes.Element
type Node = DefaultTreeAdapterTypes.Node

function page(
  result: Result,
  process: StoppedProcess | null = makeProcess(),
  texts: Partial<EvidenceTexts> = {},
): string {
  return reportHtml({ result, process, texts: { ...NO_EVIDENCE_TEXTS, ...texts } })
}

/** All elements of a page in document order. */
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

const attribute = (element: Element, name: string): string | undefined =>
  element.attrs.find((attr) => attr.name === name)?.value

const byTag = (all: readonly Element[], tag: string): Element[] =>
  all.filter((element) => element.tagName === tag)

const byClass = (all: readonly Element[], name: string): Element[] =>
  all.filter((element) => attribute(element, 'class')?.split(' ').includes(name))

const squeeze = (text: string): string => text.replace(/\s+/g, ' ').trim()

describe('html', () => {
  it('escapes values in text and in attributes, and joins lists', () => {
    const value = `<b a="1" b='2'>&`
    expect(html`<i title="${value}">${value}</i>`.markup).toBe(
      '<i title="&lt;b a=&quot;1&quot; b=&apos;2&apos;&gt;&amp;">&lt;b a=&quot;1&quot; b=&apos;2&apos;&gt;&amp;</i>',
    )
    expect(html`${[html`<b>${1}</b>`, '<', null, false, undefined]}`.markup).toBe('<b>1</b>&lt;')
  })

  it('takes no look-alike of its own result for markup from parsed JSON strings', () => {
    expect(html`${JSON.stringify({ markup: '<b>' })}`.markup).not.toContain('<b>')
  })
})

describe('the page of a deadlock', () => {
  const text = page(makeResult(), makeProcess(), {
    threads: makeDump(makeProcess()),
    output: 'Loop #1',
  })
  const all = elements(parse(text))

  it('has verdict, headline and story at the top', () => {
    expect(squeeze(textOf(byTag(all, 'h1')[0]!))).toBe('Deadlock')
    expect(squeeze(textOf(byClass(all, 'headline')[0]!))).toMatch(/^Thread 5 waits for itself/)
    const order = byTag(all, 'section').map((section) => attribute(section, 'id'))
    expect(order).toEqual([
      'story',
      'parties',
      'graph',
      'activity',
      'advice',
      'run',
      'threads',
      'logs',
    ])
    expect(byTag(all, 'title').map((title) => textOf(title))[0]).toMatch(/^Deadlock: Thread 5/)
  })

  it('marks the frames of the story in the culprit’s stack', () => {
    const culprit = byClass(all, 'stack')[0]!
    const marked = (name: string): string[] =>
      byClass(elements(culprit), name).map((row) => squeeze(textOf(row)))
    expect(marked('waiting')[0]).toMatch(/^#0 ?__lll_lock_wait.*waits here$/)
    expect(marked('signal')[0]).toMatch(/^#8 ?<signal handler called>/)
    expect(marked('interrupted')[0]).toMatch(/^#9 ?__GI___pthread_mutex_lock/)
  })

  it('draws what each thread did, the culprit first, and says the same in words', () => {
    const part = byTag(all, 'section').find((one) => attribute(one, 'id') === 'activity')!
    const rows = byTag(elements(byClass(elements(part), 'activity')[0]!), 'li')
    expect(rows.map((row) => squeeze(textOf(row)).split(':')[0])).toEqual([
      expect.stringMatching(/^culprit ?thread 5 \(LWP 12\)/),
      expect.stringMatching(/^victim ?thread 4 \(LWP 11\)/),
      expect.stringMatching(/^5 threads/),
    ])
    const [ran, waited, held] = byTag(elements(rows[0]!), 'rect')
    const places = [ran, waited, held].map((rect) =>
      ['class', 'x', 'width'].map((name) => attribute(rect!, name)),
    )
    expect(places).toEqual([
      ['running', '18.18%', '21%'],
      ['handler', '39.18%', '60.82%'],
      ['held', '82.68%', '17.32%'],
    ])
    const said = byClass(elements(part), 'said')[0]!
    expect(squeeze(textOf(said))).toContain(
      'waited for a lock in a signal handler from 0.905 s to the end, 2.310 s.',
    )
  })

  it('groups threads with the same stack, the culprit’s open and first', () => {
    const groups = byClass(all, 'group')
    expect(groups.map((group) => attribute(group, 'data-threads'))).toEqual(['1', '1', '5'])
    expect(groups.map((group) => attribute(group, 'open') !== undefined)).toEqual([
      true,
      false,
      false,
    ])
  })

  it('has the raw dump in one piece a thread, the text exactly as dumped', () => {
    const chunks = byClass(all, 'chunk').map((chunk) => textOf(chunk))
    expect(chunks.join('\n\n')).toBe(makeDump(makeProcess()))
  })

  it('loads nothing: no address but namespaces, no form, no frame, no handler, no style attribute', () => {
    const attributes = all.flatMap((element) => element.attrs)
    expect(attributes.filter(({ name }) => /^on|^style$|^action$|^srcdoc$/.test(name))).toEqual([])
    const addresses = attributes.filter(({ name }) => /^(src|href|data|poster)$/.test(name))
    expect(addresses.map(({ value }) => value.slice(0, 19))).toEqual(['data:image/svg+xml,'])
    expect(all.filter(({ tagName }) => /^(iframe|form|object|embed|base)$/.test(tagName))).toEqual(
      [],
    )
    expect(byTag(all, 'style')[0] && textOf(byTag(all, 'style')[0]!)).not.toMatch(/url\(|@import/)
  })

  it('has a policy that allows its own style and script by their hashes, and nothing else', () => {
    const meta = byTag(all, 'meta').find(
      (element) => attribute(element, 'http-equiv') === 'Content-Security-Policy',
    )
    const policy = attribute(meta!, 'content') ?? ''
    const hash = (tag: string): string => {
      const [element, ...others] = byTag(all, tag)
      expect(others).toEqual([])
      return createHash('sha256').update(textOf(element!)).digest('base64')
    }
    expect(policy.split('; ')).toEqual([
      "default-src 'none'",
      `style-src 'sha256-${hash('style')}'`,
      `script-src 'sha256-${hash('script')}'`,
      'img-src data:',
      "base-uri 'none'",
      "form-action 'none'",
    ])
  })

  it('has a script that parses', () => {
    expect(() => new Script(textOf(byTag(all, 'script')[0]!))).not.toThrow()
  })
})

it('shows a clean run without a diagnosis', () => {
  const all = elements(parse(page(makeCleanResult(), null, { output: 'Loop #1\nLoop #2' })))
  expect(byTag(all, 'section').map((section) => attribute(section, 'id'))).toEqual([
    'activity',
    'run',
    'logs',
  ])
  expect(attribute(byTag(all, 'html')[0]!, 'class')).toBe('good')
  expect(squeeze(textOf(byTag(all, 'main')[0]!))).toContain('Exceptions thrown 48,113,020')
})

it('has no timeline of threads where the program was only swept', () => {
  expect(page(makeResult({ threads: null }))).not.toContain('id="activity"')
})

it.each([
  ['waits here', 'Waits in', {}],
  ['runs here', 'Runs in', { failure: 'livelock' }],
  ['crashed here', 'Crashed in', { class: 'crash', failure: 'crash' }],
] as const)('says that a culprit %s', (here, inside, overrides) => {
  const diagnosis = makeDiagnosis(overrides)
  const all = elements(parse(page(makeResult({ diagnosis }))))
  const part = (name: string): string =>
    squeeze(textOf(byClass(elements(byClass(all, name)[0]!), 'part')[0]!))
  expect([part('culprit'), part('group')]).toEqual([here, here])
  expect(part('victim')).toBe('waits here')
  expect(byTag(all, 'dt').map((term) => textOf(term))).toContain(inside)
})

it('shows the frames that the diagnosis names when there is no dump', () => {
  const all = elements(parse(page(makeResult(), null)))
  const rows = byTag(elements(byClass(all, 'frames')[0]!), 'li').map((row) => squeeze(textOf(row)))
  expect(rows[0]).toContain('__lll_lock_wait')
  expect(rows.at(-1)).toContain('__GI___pthread_mutex_lock')
})

it('shows warnings and what could not be read', () => {
  const diagnosis = makeDiagnosis({ unread: ['registers of LWP 12'] })
  const all = elements(parse(page(makeResult({ diagnosis, warnings: ['no gdb'] }))))
  const items = byTag(elements(byClass(all, 'warnings')[0]!), 'li').map((item) => textOf(item))
  expect(items).toEqual(['no gdb', 'Not read: registers of LWP 12'])
})

describe.each(HOSTILE.map((text) => [text.slice(0, 40), text]))(
  'with %j everywhere',
  (_name, hostile) => {
    const texts = (text: string): EvidenceTexts => rewriteTexts(NO_EVIDENCE_TEXTS, () => text)
    const render = (text: string): string =>
      page(
        rewriteTexts(makeResult({ warnings: ['w'] }), () => text),
        rewriteTexts(makeProcess(), () => text),
        texts(text),
      )
    const markup = render(hostile)
    const all = elements(parse(markup))

    it('has no element and no attribute that a harmless page has not', () => {
      const shape = (list: readonly Element[]): Set<string> =>
        new Set(
          list.flatMap(({ tagName, attrs }) => [tagName, ...attrs.map(({ name }) => `@${name}`)]),
        )
      const benign = elements(parse(render('some_word text')))
      expect([...shape(all)].filter((name) => !shape(benign).has(name))).toEqual([])
      expect(byTag(all, 'script')).toHaveLength(1)
      expect(byTag(all, 'section')).toHaveLength(byTag(benign, 'section').length)
    })

    it('hides nothing', () => {
      expect(markup.replace(/[\n\t]/g, '')).not.toMatch(/[\p{Cc}\p{Bidi_Control}\p{Cs}]/u)
    })
  },
)

it('is made in time from 2,000 threads and a dump of 9 MB, and says where it was cut', () => {
  const process = makeProcess(2000)
  const threads = `${makeDump(process)}\n\n`.repeat(9)
  expect(threads.length).toBeGreaterThan(8_000_000)
  const start = performance.now()
  const text = page(makeResult(), process, {
    threads,
    output: 'a line of output\n'.repeat(100_000),
  })
  expect(performance.now() - start).toBeLessThan(5000)
  expect(text).toContain('threads.txt has everything')
  expect(text).toContain('output.log has everything')
  expect(text.length).toBeLessThan(13_000_000)
})
