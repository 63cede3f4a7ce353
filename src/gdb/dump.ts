import { buildProcess } from './model.js'
import { pick, readDumpLine, type DumpLine, type DumpSection } from './protocol.js'
import type { StoppedProcess } from './types.js'

/** What a dump gave: the model, gdb's own text for the artifact, and how far it came. */
export interface ParsedDump {
  readonly process: StoppedProcess
  readonly texts: DumpTexts
  /** Every thread was looked at and every lock decoded: enough for a verdict */
  readonly looked: boolean
  /** The dump came to its end */
  readonly complete: boolean
  /** How long gdb had the process stopped, in ms, as far as it told */
  readonly ms: number | null
}

/** Text as gdb printed it, for people. Empty where the dump did not come to it. */
export interface DumpTexts {
  /** `info threads` and `thread apply all bt` */
  readonly threads: string
  readonly threadsFull: string
  readonly registers: string
  readonly libraries: string
  /** Each of the user's commands with its output or error */
  readonly user: string
}

/** Reads what `native/gdb/dump.py` printed, whole or cut off anywhere. Never throws. */
export function parseDump(lines: Iterable<string>): ParsedDump {
  const { sections, unread } = readSections(lines)
  const process = buildProcess(sections, unread)
  return {
    process,
    texts: buildTexts(sections),
    looked: sections.some((line) => line.section === 'looked' && line.threads === line.of),
    complete: sections.some((line) => line.section === 'end'),
    ms:
      sections.findLast((line) => line.section === 'end' || line.section === 'looked')?.ms ?? null,
  }
}

function readSections(lines: Iterable<string>): { sections: DumpLine[]; unread: string[] } {
  const sections: DumpLine[] = []
  let foreign = 0
  for (const line of lines) {
    if (line.trim() === '') continue
    const read = readDumpLine(line)
    if (read === null) foreign++
    else sections.push(read)
  }
  const troubles = sections.flatMap((line) => (line.section === 'trouble' ? [line.message] : []))
  const strange =
    foreign === 0 ? [] : [`${foreign} lines of the dump are not of its protocol or were cut off`]
  return { sections, unread: [...troubles, ...strange] }
}

function buildTexts(sections: readonly DumpLine[]): DumpTexts {
  const threads = pick(sections, 'thread').map((line) => line.text)
  return {
    threads: [...pick(sections, 'info-threads').map((line) => line.text), ...threads].join('\n\n'),
    threadsFull: pick(sections, 'full')
      .map((line) => line.text)
      .join('\n\n'),
    registers: pick(sections, 'registers').map(registerText).join('\n\n'),
    libraries: pick(sections, 'libraries')
      .map((line) => line.text)
      .join('\n'),
    user: pick(sections, 'user')
      .map(
        (line) =>
          `(gdb) ${line.command}\n${line.text}${line.error === null ? '' : `${line.error}\n`}`,
      )
      .join('\n'),
  }
}

function registerText(line: DumpSection<'registers'>): string {
  const rows = Object.entries(line.values).map(([name, value]) => `${name.padEnd(10)} ${value}`)
  return [`LWP ${line.lwp ?? 'unknown'}:`, ...rows].join('\n')
}
