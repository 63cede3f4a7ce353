import { z } from 'zod'

const Hex = z.string().regex(/^0x[0-9a-fA-F]{1,16}$/)
const Registers = z.record(z.string(), z.string())

/** One line of what `native/gdb/dump.py` prints. Further fields are allowed and ignored. */
export const DumpLine = z.discriminatedUnion('section', [
  z.object({ section: z.literal('gdb'), version: z.string() }),
  z.object({
    section: z.literal('process'),
    pid: z.int().nullable(),
    executable: z.string().nullable(),
    architecture: z.string(),
    /** glibc's version from its banner, `2.31` */
    libc: z.string().nullable(),
    /** Of a core, or of a program held at it: the signal that ends the process, and the thread that had it */
    signal: z.int().nullable(),
    lwp: z.int().nullable(),
  }),
  z.object({
    section: z.literal('thread'),
    number: z.int(),
    lwp: z.int().nullable(),
    /** Its id inside its own pid namespace, where that differs */
    tid: z.int().nullable(),
    name: z.string().nullable(),
    /** Address of its descriptor: the pthread id */
    pointer: Hex.nullable(),
    /** Backtrace with gdb's own header */
    text: z.string(),
    pcs: z.array(Hex),
    syscall: z.object({ number: z.int(), arguments: z.array(Hex) }).nullable(),
    /** Signal frames on the stack, with the registers of what they interrupted */
    raised: z.array(
      z.object({
        level: z.int(),
        signal: z.int().nullable(),
        code: z.int().nullable(),
        registers: Registers,
      }),
    ),
  }),
  z.object({ section: z.literal('fields'), fields: z.record(z.string(), Hex) }),
  z.object({
    section: z.literal('memory'),
    address: Hex,
    start: Hex.nullable(),
    bytes: z.string(),
    symbol: z.string().nullable(),
    library: z.string().nullable(),
  }),
  /** All threads and locks are told: enough for a verdict */
  z.object({ section: z.literal('looked'), threads: z.int(), of: z.int(), ms: z.number() }),
  z.object({ section: z.literal('registers'), lwp: z.int().nullable(), values: Registers }),
  z.object({
    section: z.literal('libraries'),
    text: z.string(),
    mapped: z.array(z.object({ path: z.string(), from: Hex, to: Hex, symbols: z.boolean() })),
  }),
  z.object({ section: z.literal('info-threads'), text: z.string() }),
  z.object({ section: z.literal('full'), text: z.string() }),
  z.object({
    section: z.literal('user'),
    command: z.string(),
    text: z.string(),
    error: z.string().nullable(),
  }),
  z.object({ section: z.literal('trouble'), message: z.string() }),
  z.object({ section: z.literal('end'), ms: z.number() }),
])

export type DumpLine = z.infer<typeof DumpLine>
export type DumpSection<Name extends DumpLine['section']> = Extract<DumpLine, { section: Name }>

/** Reads one line; null for one that is none of the protocol (gdb's own chatter, a line cut off). */
export function readDumpLine(line: string): DumpLine | null {
  if (!line.startsWith('{')) return null
  try {
    return DumpLine.safeParse(JSON.parse(line)).data ?? null
  } catch {
    return null
  }
}

/** The lines of one section, in order. */
export function pick<Name extends DumpLine['section']>(
  lines: readonly DumpLine[],
  name: Name,
): DumpSection<Name>[] {
  return lines.filter((line): line is DumpSection<Name> => line.section === name)
}
