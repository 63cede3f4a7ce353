import type { Nodes, Root } from 'mdast'
import { fromMarkdown } from 'mdast-util-from-markdown'
import { gfmFromMarkdown } from 'mdast-util-gfm'
import { toString } from 'mdast-util-to-string'
import { gfm } from 'micromark-extension-gfm'
import { visit } from 'unist-util-visit'
import { describe, expect, it } from 'vitest'
import { summaryMarkdown } from '../../src/report/summary.js'
import { type EvidenceTexts, NO_EVIDENCE_TEXTS } from '../../src/report/types.js'
import type { Result } from '../../src/result/schema.js'
import { HOSTILE, rewriteTexts } from '../helpers/hostile.js'
import {
  makeCleanResult,
  makeDiagnosis,
  makeDump,
  makeProcess,
  makeResult,
} from '../helpers/result.js'

const LIMIT = 1_048_576
const ARTIFACT = 'https://github.com/o/r/actions/runs/1/artifacts/2'

function summary(result: Result, texts: Partial<EvidenceTexts> = {}, heldBytes = 0): string {
  const material = { result, process: makeProcess(), texts: { ...NO_EVIDENCE_TEXTS, ...texts } }
  return summaryMarkdown(material, { heldBytes, artifactUrl: ARTIFACT })
}

function parse(markdown: string): Root {
  return fromMarkdown(markdown, { extensions: [gfm()], mdastExtensions: [gfmFromMarkdown()] })
}

function nodes<T extends Nodes['type']>(tree: Root, type: T): Extract<Nodes, { type: T }>[] {
  const found: Nodes[] = []
  visit(tree, type, (node) => void found.push(node))
  return found as Extract<Nodes, { type: T }>[]
}

const headings = (tree: Root): string[] => nodes(tree, 'heading').map((node) => toString(node))

describe('the summary of a deadlock', () => {
  const tree = parse(summary(makeResult(), { threads: makeDump(makeProcess()) }))

  it('begins with the verdict and the headline', () => {
    expect(toString(tree.children[0])).toBe('❌ Deadlock (fail: expected no deadlock)')
    expect(toString(tree.children[1])).toMatch(/^\[!CAUTION]\s+Thread 5 waits for itself/)
  })

  it('has its sections in the order in which they are read', () => {
    expect(headings(tree).slice(1)).toEqual([
      'What happened',
      'What to do',
      'The threads that matter',
      'Who waits for whom',
      'Versions',
      'The run',
      'Evidence',
    ])
  })

  it('tells the story as a numbered list, with what each step rests on', () => {
    const story = nodes(tree, 'list').find((list) => list.ordered)
    expect(story?.children).toHaveLength(6)
    expect(toString(story?.children[2])).toBe(
      'SIGPROF arrived when the lock word was already set but the owner not yet recorded. ' +
        'Rests on lock: word=2 owner=0 count=0',
    )
  })

  it('sets versions asked for against versions built, and names the unwinder that ran', () => {
    const rows = nodes(tree, 'table')[0]?.children.map((row) =>
      row.children.map((cell) => toString(cell)),
    )
    expect(rows).toContainEqual(['Go', '1.17', '1.17.13'])
    expect(rows).toContainEqual([
      'Unwinder at run time',
      'shared',
      'shared libgcc 10.2.1-6 (dl_iterate_phdr)',
    ])
  })

  it('marks the frames of culprit and victim that matter', () => {
    const [stack] = nodes(tree, 'code').filter((code) => code.value.includes('=>'))
    expect(stack?.value).toMatch(/=> #0 {2}__lll_lock_wait .*<- waiting/)
    expect(stack?.value).toMatch(/~~ #8 {2}<signal handler called>.*<- a signal arrived here/)
    expect(stack?.value).toMatch(/-> #9 {2}__GI___pthread_mutex_lock .*<- interrupted/)
    expect(stack?.value).toContain('… 3 more')
  })

  it('draws the graph, and says the same in words', () => {
    const mermaid = nodes(tree, 'code').filter((code) => code.lang === 'mermaid')
    expect(mermaid).toHaveLength(1)
    expect(mermaid[0]?.value).toContain('n1 -->|"waits for"| n2')
    expect(toString(tree)).toContain('thread 4 (LWP 11) waits for _dl_load_write_lock')
  })

  it('gives lines to copy, counts, the timeline, and the artifact', () => {
    expect(nodes(tree, 'code').map((code) => code.value)).toContain('FROM debian:bookworm')
    expect(toString(tree)).toContain('Exceptions thrown218,443')
    expect(toString(tree)).toContain('0.905 sLWP 12 moved for the last time')
    expect(nodes(tree, 'link').map((link) => link.url)).toEqual([ARTIFACT])
  })

  it('folds the dump, with the blank line that GitHub wants', () => {
    const text = summary(makeResult(), { threads: 'Thread 1' })
    expect(text).toContain('(threads.txt)</summary>\n\n```text\nThread 1\n```\n\n</details>')
  })
})

it('has no graph without edges, and no diagnosis for a clean run', () => {
  const diagnosis = makeDiagnosis({ graph: { nodes: [], edges: [] } })
  expect(summary(makeResult({ diagnosis }))).not.toContain('mermaid')
  const clean = parse(summary(makeCleanResult()))
  expect(headings(clean)).toEqual([
    '✅ Clean (pass: expected no deadlock)',
    'Versions',
    'The run',
    'Evidence',
  ])
})

describe.each(HOSTILE.map((text) => [text.slice(0, 40), text]))(
  'with %j everywhere',
  (_name, hostile) => {
    const texts = Object.fromEntries(
      Object.keys(NO_EVIDENCE_TEXTS).map((key) => [key, `a\n${hostile}\nb`]),
    )
    const benign = parse(
      summary(
        rewriteTexts(makeResult(), () => 'word'),
        { ...texts, threads: 'x' },
      ),
    )
    const result = rewriteTexts(makeResult(), () => hostile)
    const markdown = summary(result, texts)
    const tree = parse(markdown)

    it('keeps its structure', () => {
      expect(tree.children.map((node) => node.type)).toEqual(
        benign.children.map((node) => node.type),
      )
      expect(headings(tree)).toEqual(headings(benign))
      expect(nodes(tree, 'tableCell')).toHaveLength(nodes(benign, 'tableCell').length)
      expect(nodes(tree, 'listItem')).toHaveLength(nodes(benign, 'listItem').length)
    })

    it('has no markup, link or image but its own, and mentions nobody', () => {
      const markup = nodes(tree, 'html').map((node) => node.value)
      expect(markup.filter((value) => !/^<\/?details>/.test(value))).toEqual([])
      expect(nodes(tree, 'link').map((link) => link.url)).toEqual([ARTIFACT])
      expect([
        ...nodes(tree, 'image'),
        ...nodes(tree, 'definition'),
        ...nodes(tree, 'delete'),
      ]).toEqual([])
      for (const { value } of nodes(tree, 'text')) expect(value).not.toMatch(/(?<!\w)@\w/)
    })

    it('hides nothing', () => {
      expect(markdown.replaceAll('\n', '')).not.toMatch(/[\p{Cc}\p{Bidi_Control}\u2028\u2029]/u)
      expect(markdown).not.toMatch(/\p{Cs}/u)
    })
  },
)

it('says that something is missing where a text is empty', () => {
  const tree = parse(summary(rewriteTexts(makeResult(), () => '')))
  expect(toString(tree.children[1])).toMatch(/–$/)
})

describe('GitHub’s limit', () => {
  const big = (bytes: number): string => '🔥 stack frame ```\n'.repeat(Math.ceil(bytes / 21))

  it('keeps all while it fits', () => {
    const text = summary(makeResult(), { threads: 'T', threadsFull: big(500_000) })
    expect(text).toContain('Stacks with local variables')
    expect(text).not.toContain('shortened')
  })

  it('gives up the full dump first', () => {
    const text = summary(makeResult(), { threads: big(600_000), threadsFull: big(600_000) })
    expect(text).toContain('(threads.txt)</summary>')
    expect(text).not.toContain('Stacks with local variables')
    expect(text).toMatch(/shortened to fit into GitHub’s limit. The artifact has everything\._\n$/)
  })

  it('then every dump that is too long, with the story whole', () => {
    const text = summary(makeResult(), { threads: big(5_000_000), output: big(2_000_000) })
    expect(text).not.toContain('<details>')
    expect(text).toContain('### Evidence')
  })

  it('keeps a short dump beside one that is too long', () => {
    const text = summary(makeResult(), { threads: big(5_000_000), output: 'Loop #1' })
    expect(text).toContain('(output.log)</summary>')
    expect(text).not.toContain('(threads.txt)</summary>')
  })

  it('then the longest sections, when the step has written much already', () => {
    const text = summary(makeResult(), {}, LIMIT - 16_384 - 3000)
    expect(Buffer.byteLength(text)).toBeLessThanOrEqual(3000)
    expect(text).toContain('### What happened')
    expect(text).toContain(ARTIFACT)
    expect(text).not.toContain('### The threads that matter')
    expect(text).toContain('shortened')
    expect(parse(text).children.at(-1)?.type).toBe('paragraph')
  })

  it.each([0, 1, 1_000_000, 1_031_000, 1_040_000, 2_000_000])(
    'stays below it when %i bytes are written already',
    (held) => {
      const texts = { threads: big(300_000), threadsFull: big(600_000), output: big(200_000) }
      const text = summary(makeResult(), texts, held)
      expect(held + Buffer.byteLength(text)).toBeLessThan(Math.max(LIMIT, held + 1))
      expect(text).not.toMatch(/\p{Cs}/u)
      const fences = parse(text).children.filter((node) => node.type === 'code')
      for (const { value } of fences) expect(value).not.toContain('</details>')
    },
  )

  it('is made in time from 2,000 threads and 5 MB of dump', () => {
    const process = makeProcess(2000)
    const start = performance.now()
    const texts = { ...NO_EVIDENCE_TEXTS, threads: makeDump(process), threadsFull: big(5_000_000) }
    summaryMarkdown({ result: makeResult(), process, texts }, { heldBytes: 0, artifactUrl: null })
    expect(performance.now() - start).toBeLessThan(5000)
  })
})
