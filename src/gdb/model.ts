import { buildThread, type DumpContext } from './dumped-thread.js'
import { readLibrary } from './facts.js'
import { frameReader } from './frame.js'
import { decodeLock, type LockSurroundings } from './lock.js'
import type { MemoryWindow } from './memory.js'
import { pick, type DumpLine, type DumpSection } from './protocol.js'
import { signalName, signalNumber } from './signals.js'
import type { Lock, StoppedProcess, Thread } from './types.js'
import type { DecodedWait } from './wait.js'

/** Makes the model of a process from the lines of a dump, as many as there are. */
export function buildProcess(
  sections: readonly DumpLine[],
  unread: readonly string[],
): StoppedProcess {
  const about = pick(sections, 'process').at(0)
  const context = buildContext(sections)
  const looked = pick(sections, 'thread').map((line) => buildThread(line, context))
  const waits = looked.flatMap(({ decoded }) => decoded ?? [])
  const locks = buildLocks(sections, waits, context)
  const threads = looked.map(({ thread }) => thread)
  return {
    pid: about?.pid ?? null,
    executable: about?.executable ?? null,
    threads: nameLoaderWaits(threads, locks),
    locks,
    libraries: context.libraries,
    signal: about === undefined ? null : endingSignal(about.signal, about.lwp),
    gdb: pick(sections, 'gdb').at(0)?.version ?? null,
    unread,
  }
}

function buildContext(sections: readonly DumpLine[]): DumpContext {
  const about = pick(sections, 'process').at(0)
  const minor = /^2\.(\d+)$/.exec(about?.libc ?? '')?.[1]
  const threads = pick(sections, 'thread')
  return {
    parse: frameReader(),
    architecture: about?.architecture ?? null,
    libcMinor: minor === undefined ? null : Number(minor),
    libraries: pick(sections, 'libraries').flatMap(({ mapped, text }) =>
      mapped.length > 0 ? mapped : text.split('\n').flatMap(readLibrary),
    ),
    registers: new Map(pick(sections, 'registers').map(({ lwp, values }) => [lwp, values])),
    windows: new Map(pick(sections, 'memory').map((line) => [line.address, readWindow(line)])),
    descriptors: threads.flatMap(({ pointer, tid, lwp }) => {
      const id = tid ?? lwp
      return pointer === null || id === null ? [] : [{ address: pointer, tid: id }]
    }),
    lwpOfTid: new Map(
      threads.flatMap(({ tid, lwp }) => (tid === null || lwp === null ? [] : [[tid, lwp]])),
    ),
  }
}

function readWindow(line: DumpSection<'memory'>): MemoryWindow {
  return { ...line, bytes: Uint8Array.from(Buffer.from(line.bytes, 'hex')) }
}

/** Signals that a debugger stops a process with say nothing of how it fared. */
const DEBUGGER_SIGNALS: readonly (number | null)[] = [
  0,
  signalNumber('SIGTRAP'),
  signalNumber('SIGSTOP'),
  signalNumber('SIGINT'),
]

function endingSignal(number: number | null, lwp: number | null): StoppedProcess['signal'] {
  if (number === null || DEBUGGER_SIGNALS.includes(number)) return null
  return { number, name: signalName(number), lwp }
}

/** A mutex that turned out to be the loader's makes the waits on it the loader's. */
function nameLoaderWaits(threads: readonly Thread[], locks: readonly Lock[]): Thread[] {
  const loaders = locks.filter(({ role }) => role?.startsWith('loader'))
  const addresses = new Set(loaders.map(({ address }) => address))
  return threads.map((thread) =>
    thread.wait?.kind === 'mutex' && addresses.has(thread.wait.address ?? '')
      ? { ...thread, wait: { ...thread.wait, kind: 'loader' } }
      : thread,
  )
}

function buildLocks(
  sections: readonly DumpLine[],
  waits: readonly DecodedWait[],
  context: DumpContext,
): Lock[] {
  const around: LockSurroundings = {
    fields: new Map(
      pick(sections, 'fields').flatMap(({ fields }) =>
        Object.entries(fields).map(([field, address]) => [address, field]),
      ),
    ),
    lwpOfPointer: new Map(
      pick(sections, 'thread').flatMap(({ pointer, lwp }) =>
        pointer === null || lwp === null ? [] : [[pointer, lwp]],
      ),
    ),
    lwpOfTid: context.lwpOfTid,
  }
  return [...groupByAddress(waits)].map(([address, same]) => {
    const word = same.find((wait) => wait.word !== null)?.word ?? address
    return decodeLock(address, same, context.windows.get(word) ?? null, around)
  })
}

function groupByAddress(waits: readonly DecodedWait[]): Map<string, DecodedWait[]> {
  const groups = new Map<string, DecodedWait[]>()
  for (const decoded of waits) {
    const { address } = decoded.wait
    if (address === null) continue
    const group = groups.get(address)
    if (group === undefined) groups.set(address, [decoded])
    else group.push(decoded)
  }
  return groups
}
