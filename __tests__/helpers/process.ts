import type { Frame, Lock, StoppedProcess, Thread } from '../../src/gdb/types.js'
import type { BuiltToolchain } from '../../src/toolchain/types.js'
import type { ThreadObservation } from '../../src/watch/types.js'

/** The lock of every real dump here: ld.so's `_dl_load_write_lock`, glibc 2.31. */
export const LOADER_LOCK = '0x7f93e2b73990'

/** A stopped process; give only what the test is about. */
export function makeProcess(given: Partial<StoppedProcess> = {}): StoppedProcess {
  return {
    pid: 9,
    executable: '/program',
    threads: [],
    locks: [],
    libraries: [],
    signal: null,
    gdb: '16.3',
    unread: [],
    ...given,
  }
}

/** A thread with its stack as gdb prints it, a frame a line, innermost first. */
export function makeThread(
  given: Partial<Omit<Thread, 'frames'>> & { number: number; stack: string },
): Thread {
  const { stack, ...rest } = given
  return {
    lwp: given.number + 8,
    pthread: null,
    name: 'program',
    frames: makeFrames(stack),
    wait: null,
    observed: null,
    registers: null,
    ...rest,
  }
}

/** Frames from gdb's own lines; `#3`, the address and `in` are optional, `[inlined]` and `[cut]` at the end mark. */
export function makeFrames(stack: string): Frame[] {
  return stack
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '')
    .map(makeFrame)
}

function makeFrame(line: string, level: number): Frame {
  const inlined = line.includes('[inlined]')
  const cut = line.includes('[cut]') ? 'asmcgocall' : null
  const text = line.replace(/\[\w+\]/g, '').trim()
  const pc = /^#\d+ +(0x[0-9a-f]+) in /.exec(text)?.[1] ?? null
  const call = text.replace(/^#\d+ +/, '').replace(/^0x[0-9a-f]+ in /, '')
  const base = { level, pc, file: null, line: null, library: null, inlined, cut }
  if (call.startsWith('<signal handler called>'))
    return { ...base, function: null, args: null, signalFrame: true }
  const [, head = '', place = ''] = /^(.*?)(?: (?:at|from) (\S+))?$/.exec(call) ?? []
  const isLibrary = / from \S+$/.test(call)
  const name = / ?\(/.exec(head) === null ? head : head.slice(0, head.indexOf(' ('))
  const source = /^(.*):(\d+)$/.exec(place)
  return {
    ...base,
    function: name === '??' || name === '' ? null : name,
    args: head.includes(' (') ? head.slice(head.indexOf(' (') + 2, -1) : null,
    file: isLibrary ? null : (source?.[1] ?? null),
    line: source === null || isLibrary ? null : Number(source[2]),
    library: isLibrary ? place : null,
    signalFrame: false,
  }
}

/** The loader's write lock in the state of the original report: taken, no owner. */
export function makeLock(given: Partial<Lock> = {}): Lock {
  return {
    address: LOADER_LOCK,
    symbol: '_rtld_global+2352',
    library: '/lib64/ld-linux-x86-64.so.2',
    kind: 'recursive mutex',
    role: 'loader-write-lock',
    word: 2,
    owner: 0,
    count: 0,
    users: 0,
    guessed: false,
    ...given,
  }
}

/** What /proc says of a thread that waits in a Go signal handler; give what differs. */
export function makeObservation(given: Partial<ThreadObservation> = {}): ThreadObservation {
  return {
    pid: 9,
    tid: 12,
    name: 'program',
    state: 'S',
    futex: null,
    futexFile: null,
    pc: null,
    pcFile: null,
    blocked: null,
    stillMs: 1000,
    cpuMs: 500,
    ran: true,
    cpuShare: 0,
    pcSamples: [],
    counters: null,
    throwsStillMs: null,
    ...given,
  }
}

/** Debian 11 with the original symbolizer: the toolchain that has the bug. */
export function makeToolchain(given: Partial<BuiltToolchain> = {}): BuiltToolchain {
  return {
    go: '1.17',
    glibc: '2.31',
    gcc: '10.2.1-6',
    unwinder: { linkage: 'shared', version: '10.2.1-6', lookup: 'dl_iterate_phdr' },
    libstdcxx: '10.2.1-6',
    symbolizer: {
      module: 'github.com/ianlancetaylor/cgosymbolizer',
      version: 'v0.0.0-20210303021718-7cb7081f6b86',
    },
    distribution: 'Debian 11',
    architecture: 'x86_64',
    kernel: '6.1',
    gdb: '16.3',
    ...given,
  }
}
