import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseDump } from '../../src/gdb/dump.js'
import { parseGdbText } from '../../src/gdb/text.js'
import type { StoppedProcess } from '../../src/gdb/types.js'

const DUMPS = join(import.meta.dirname, '../fixtures/dumps')

/** Names of the dumps of one case that match, e.g. `gdb10-bullseye.jsonl`. */
export function dumpNames(name: string, pattern: RegExp): string[] {
  return readdirSync(join(DUMPS, name))
    .filter((file) => pattern.test(file))
    .sort()
}

export function dumpText(name: string, file: string): string {
  return readFileSync(join(DUMPS, name, file), 'utf8')
}

/** The model of a dump, by the reader that its form needs. */
export function readDump(name: string, file: string): StoppedProcess {
  const text = dumpText(name, file)
  return file.endsWith('.jsonl') ? parseDump(text.split('\n')).process : parseGdbText(text)
}
