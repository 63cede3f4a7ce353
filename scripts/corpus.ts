import { globSync, readFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { diagnose } from '../src/diagnosis/diagnose.js'
import { Diagnosis } from '../src/diagnosis/schema.js'
import { parseDump } from '../src/gdb/dump.js'
import { parseGdbText } from '../src/gdb/text.js'
import { markdownText, table } from '../src/report/markdown.js'

const FOLDER = '__tests__/fixtures/dumps'
const RELEASES = ['gdb10-bullseye', 'gdb13-bookworm', 'gdb16-trixie'] as const
const SIDECARS = ['gdb16-bullseye-sidecar', 'gdb16-bookworm-sidecar'] as const
const HEADS = ['gdb 10, glibc 2.31', 'gdb 13, glibc 2.36', 'gdb 16, glibc 2.41']

/** The text of docs/corpus.generated.md: what the diagnosis says of every dump of the corpus, by running it. */
export function corpusText(root: string): string {
  const names = globSync(join(root, FOLDER, '*/expected.json'))
    .map((file) => basename(dirname(file)))
    .sort()
  const programs = names.filter((name) => globSync(join(root, FOLDER, name, 'gdb1*')).some(isPlain))
  return [
    '# What the diagnosis says of the corpus',
    '',
    `Made by \`npm run generate\`, which reads and explains every dump under \`${FOLDER}/\`; a test fails when it is out of date. Each`,
    'program hangs, crashes or idles in one known way. A cell holds the confidence where the class is the right one, else the',
    'class that was given; `-` where there is no such dump.',
    '',
    '## From the process or its core',
    '',
    'Without and with debug symbols of the C library and the program, live and from a core (live / core); then by the gdb of a',
    'sidecar that has the files of the other container only, which is how the action works.',
    '',
    processTable(root, programs),
    '',
    '## From a text that somebody posts',
    '',
    'What gdb or eu-stack prints has no memory in it: no lock word, no owner. Where the class needs those, less is said.',
    '',
    postedTable(root, programs),
    '',
  ].join('\n')
}

function isPlain(file: string): boolean {
  return (
    RELEASES.some((release) => basename(file).startsWith(`${release}.`)) || /-core\./.test(file)
  )
}

function processTable(root: string, programs: readonly string[]): string {
  const heads = HEADS.flatMap((head) => [head, 'with symbols'])
  return cells(
    ['Program', 'Class', ...heads, 'sidecar on 2.31', 'sidecar on 2.36'],
    programs.map((name) => [
      name,
      expectedClass(root, name),
      ...RELEASES.flatMap((release) =>
        ['', '-symbols'].map((symbols) =>
          ['', '-core']
            .map((way) => cell(root, name, `${release}${symbols}${way}.jsonl`))
            .join(' / '),
        ),
      ),
      ...SIDECARS.map((file) => cell(root, name, `${file}.jsonl`)),
    ]),
  )
}

function postedTable(root: string, programs: readonly string[]): string {
  const heads = HEADS.flatMap((head) => [head, 'with symbols'])
  return cells(
    ['Program', 'Class', ...heads, 'eu-stack, 2.31', 'eu-stack, 2.36'],
    programs.map((name) => [
      name,
      expectedClass(root, name),
      ...RELEASES.flatMap((release) =>
        ['', '-symbols'].map((symbols) => textCell(root, name, `${release}${symbols}`)),
      ),
      ...['bullseye', 'bookworm'].map((suite) => cell(root, name, `eu-stack-${suite}.txt`)),
    ]),
  )
}

/** A crash has its text from the core. */
function textCell(root: string, name: string, file: string): string {
  const live = cell(root, name, `${file}.txt`)
  return live === '-' ? cell(root, name, `${file}-core.txt`) : live
}

function cells(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const spans = rows.map((row) => row.map((value) => [{ type: 'text' as const, value }]))
  return markdownText(table(head, spans)).trimEnd()
}

function expectedClass(root: string, name: string): string {
  const text = readFileSync(join(root, FOLDER, name, 'expected.json'), 'utf8')
  return Diagnosis.pick({ class: true }).parse(JSON.parse(text)).class
}

function cell(root: string, name: string, file: string): string {
  const [path] = globSync(join(root, FOLDER, name, file))
  if (path === undefined) return '-'
  const text = readFileSync(path, 'utf8')
  const read = path.endsWith('.jsonl') ? parseDump(text.split('\n')).process : parseGdbText(text)
  const found = diagnose(read)
  return found.class === expectedClass(root, name) ? found.confidence : found.class
}
