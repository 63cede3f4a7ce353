import { once } from 'node:events'
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest'
import { takeDump } from '../../src/experiment/dump.js'
import { parseDump } from '../../src/gdb/dump.js'
import type { DumpPlan } from '../../src/gdb/command.js'
import { gdbArguments } from '../../src/gdb/command.js'
import { findGdb } from '../../src/host/gdb.js'
import { end, followLines, makeFolder, start } from '../helpers/native.js'
import type { Child } from '../helpers/native.js'
import { compileSwept, statusOf } from '../helpers/sweep.js'
import { hostEnvironment } from '../helpers/tools.js'

const LIMIT_MS = 60_000

let folder: Awaited<ReturnType<typeof makeFolder>>
let program = ''
const children: Child[] = []

beforeAll(async () => {
  folder = await makeFolder()
  program = await compileSwept('safe', folder.path)
}, LIMIT_MS)
afterEach(() => Promise.all(children.splice(0).map(end)))
afterAll(() => folder.remove())

/** A process that stands; it may have a signal waiting for it. */
async function standing(signal?: NodeJS.Signals): Promise<Child> {
  const child = start(program, ['plain'])
  children.push(child)
  await followLines(child).next(() => true)
  child.kill('SIGSTOP')
  await vi.waitUntil(() => statusOf(child.pid, 'State')?.startsWith('T') === true)
  if (signal !== undefined) child.kill(signal)
  return child
}

async function dump(child: Child, hold: DumpPlan['hold']): ReturnType<typeof takeDump> {
  const gdb = await findGdb(hostEnvironment(), new AbortController().signal)
  return takeDump(gdb, {
    target: { pid: child.pid ?? 0 },
    mode: 'full',
    first: [],
    commands: [],
    ...(hold === undefined ? {} : { hold }),
  })
}

describe('a stopped process, held by no gate', () => {
  it(
    'is let go until the signal is about to reach it, and looked at there',
    async () => {
      const child = await standing('SIGABRT')
      const died = once(child, 'exit')
      const { lines, trouble } = await dump(child, {
        signals: ['SIGSEGV', 'SIGABRT'],
        seconds: 5,
        gate: false,
      })
      const { process } = parseDump(lines)
      expect(trouble).toBeNull()
      expect(process.signal).toMatchObject({ name: 'SIGABRT' })
      expect(process.threads).toHaveLength(2)
      const names = process.threads.flatMap(({ frames }) => frames.map((frame) => frame.function))
      expect(names).toContain('main')
      // It dies of it once gdb has left.
      expect(await died).toEqual([null, 'SIGABRT'])
    },
    LIMIT_MS,
  )

  it(
    'that ends without any of the signals is said to have done so',
    async () => {
      const child = await standing()
      const dumped = dump(child, { signals: ['SIGSEGV'], seconds: 5, gate: false })
      await vi.waitUntil(() => statusOf(child.pid, 'TracerPid') !== '0', { timeout: 30_000 })
      child.kill('SIGTERM')
      const { lines } = await dumped
      expect(parseDump(lines).process.unread.join(' ')).toContain(
        'the program ended without SIGSEGV this time',
      )
    },
    LIMIT_MS,
  )
})

it('hands over that there is no gate, and leaves it to the script where that is not said', () => {
  const plan = { target: { pid: 7 }, script: '/gdb/dump.py', mode: 'full' } as const
  const options = (hold: NonNullable<DumpPlan['hold']>): string =>
    gdbArguments({ ...plan, hold }).find((word) => word.startsWith('python ')) ?? ''
  expect(options({ signals: ['SIGSEGV'], seconds: 5, gate: false })).toContain('\\"gate\\":false')
  expect(options({ signals: ['SIGSEGV'], seconds: 5 })).not.toContain('gate')
})
