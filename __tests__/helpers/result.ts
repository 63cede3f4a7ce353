import type { Diagnosis } from '../../src/diagnosis/schema.js'
import type { Frame, StoppedProcess, Thread } from '../../src/gdb/types.js'
import { judgeExposures } from '../../src/exposure/exposure.js'
import type { Inspection } from '../../src/inspect/schema.js'
import { Result } from '../../src/result/schema.js'
import type { Threads } from '../../src/result/schema.js'

/** A deadlock as Debian 11 gives it: thread 5 waits in a SIGPROF handler for the lock it was about to own, thread 4 for the same. */
export function makeResult(overrides: Partial<Result> = {}): Result {
  return Result.parse({
    schemaVersion: 1,
    tool: { name: 'cgo-deadlock-action', version: '0.1.0' },
    id: 'b7c2a9d4',
    startedAt: '2026-11-23T17:08:09.123Z',
    asked: {
      'go-version': '1.17',
      'glibc-version': '2.31',
      'gcc-version': '10',
      libgcc: 'shared',
      symbolizer: 'ianlancetaylor',
      experiment: 'natural',
      duration: '30s',
      'stall-timeout': '10s',
      expect: 'no-deadlock',
      upload: 'always',
    },
    engine: { name: 'docker', version: '28.0.4' },
    image: 'cgo-deadlock/reproducer:1f0c',
    toolchain: {
      go: '1.17.13',
      glibc: '2.31',
      gcc: '10.2.1 20210110',
      unwinder: { linkage: 'shared', version: '10.2.1-6', lookup: 'dl_iterate_phdr' },
      libstdcxx: '10.2.1-6',
      symbolizer: {
        module: 'github.com/ianlancetaylor/cgosymbolizer',
        version: 'v0.0.0-20170921033129-f5072df9c550',
      },
      distribution: 'Debian GNU/Linux 11 (bullseye)',
      architecture: 'amd64',
      kernel: '6.17.0',
      gdb: 'GNU gdb (Debian 16.3-1) 16.3',
    },
    inspection: makeInspection(),
    experiment: 'natural',
    decidedBy: 'natural',
    sweep: null,
    ending: {
      reason: 'confirmed',
      atMs: 2310,
      sinceMs: 900,
      detail: 'LWP 12 had not moved since 0.9 s, and a dump confirmed the deadlock.',
    },
    timeline: [
      { atMs: 0, what: 'Container started' },
      { atMs: 412, what: 'First output: Loop #1' },
      { atMs: 905, what: 'LWP 12 moved for the last time' },
      { atMs: 1910, what: 'LWP 12 suspected: futex wait with every signal blocked' },
      { atMs: 2310, what: 'Dump confirmed it' },
    ],
    threads: makeThreads(),
    counts: {
      seconds: 2.31,
      throws: 218_443,
      signals: 88,
      unwinds: 87,
      exposures: 61,
      outputLines: 3,
    },
    exposure: null,
    outcome: 'deadlock',
    expect: 'no-deadlock',
    conclusion: 'fail',
    headline:
      'Thread 5 waits for itself: SIGPROF interrupted it inside pthread_mutex_lock, and the handler asked for the same lock.',
    diagnosis: makeDiagnosis(),
    evidence: [
      { name: 'result.json', bytes: 6123, truncated: false },
      { name: 'threads.txt', bytes: 18_344, truncated: false },
      { name: 'output.log', bytes: 1_048_576, truncated: true },
    ],
    warnings: [],
    ...overrides,
  })
}

/** What `inspect` says of the same program. */
export function makeInspection(overrides: Partial<Inspection> = {}): Inspection {
  return {
    program: '/opt/cgo-deadlock/program',
    verdict: 'vulnerable',
    headline: 'A signal during a C++ throw can deadlock.',
    reasons: [],
    wouldChange: [],
    architecture: 'amd64',
    libc: { kind: 'glibc', version: '2.31', file: '/lib/x86_64-linux-gnu/libc-2.31.so' },
    go: null,
    unwinders: [],
    missing: [],
    ...overrides,
  }
}

/** A run in which nothing happened. */
export function makeCleanResult(overrides: Partial<Result> = {}): Result {
  return makeResult({
    outcome: 'clean',
    conclusion: 'pass',
    inspection: makeInspection({ verdict: 'safe' }),
    diagnosis: null,
    headline: 'No deadlock in 30.0 s: 48,113,020 throws, 2,931 signals, every traceback came back.',
    ending: {
      reason: 'duration',
      atMs: 30_000,
      sinceMs: null,
      detail: 'Every thread was still at work.',
    },
    threads: { ...makeThreads(), toMs: 30_000, held: [], rows: makeThreads().rows.slice(2) },
    counts: {
      seconds: 30,
      throws: 48_113_020,
      signals: 2931,
      unwinds: 2931,
      exposures: 2204,
      outputLines: 29,
    },
    exposure: judgeExposures({ exposures: 2204, signals: 2931 }),
    ...overrides,
  })
}

/** The threads of that run: a culprit, a victim, five others that are idle. */
export function makeThreads(): Threads {
  const thread = (tid: number): Threads['rows'][number]['threads'][number] => ({
    pid: 7,
    tid,
    name: 'reproducer',
  })
  return {
    toMs: 2310,
    held: [{ fromMs: 1910, toMs: 2310 }],
    rows: [
      {
        role: 'culprit',
        count: 1,
        threads: [thread(12)],
        spans: [
          { fromMs: 420, activity: 'running' },
          { fromMs: 905, activity: 'handler' },
        ],
      },
      {
        role: 'victim',
        count: 1,
        threads: [thread(11)],
        spans: [
          { fromMs: 400, activity: 'mixed' },
          { fromMs: 1012, activity: 'lock' },
        ],
      },
      {
        role: null,
        count: 5,
        threads: [7, 8, 9, 10, 13].map(thread),
        spans: [{ fromMs: 400, activity: 'waiting' }],
      },
    ],
  }
}

export function makeDiagnosis(overrides: Partial<Diagnosis> = {}): Diagnosis {
  const lock = '_rtld_global+2352'
  return {
    class: 'signal-reentrancy',
    failure: 'deadlock',
    confidence: 'proven',
    headline:
      'Thread 5 waits for itself: SIGPROF interrupted it inside pthread_mutex_lock, and the handler asked for the same lock.',
    story: [
      {
        text: 'Thread 5 threw a C++ exception, and libgcc began to look for the frames of the stack.',
        rests: '#13 _Unwind_RaiseException',
      },
      {
        text: 'For that it called dl_iterate_phdr, which takes the loader’s lock, _dl_load_write_lock.',
        rests: '#10 __GI___dl_iterate_phdr',
      },
      {
        text: 'SIGPROF arrived when the lock word was already set but the owner not yet recorded.',
        rests: 'lock: word=2 owner=0 count=0',
      },
      {
        text: 'Its handler unwound the same stack for the profiler and asked for the same lock again.',
        rests: '#3 __GI___dl_iterate_phdr',
      },
      {
        text: 'The lock can’t see that its own thread holds it, so the thread waits for itself for ever, with every signal blocked.',
        rests: '#0 __lll_lock_wait',
      },
      { text: 'Thread 4 waits for the same lock and never gets it.', rests: 'thread 4, #1' },
    ],
    culprits: [
      {
        pid: 7,
        thread: 5,
        lwp: 12,
        name: 'reproducer',
        signal: { number: 27, name: 'SIGPROF' },
        interrupted: {
          level: 9,
          function: '__GI___pthread_mutex_lock',
          pc: '0x00007f6e2f3c4d51',
          where: '../nptl/pthread_mutex_lock.c:115',
        },
        waiting: {
          level: 0,
          function: '__lll_lock_wait',
          pc: '0x00007f6e2f3cd29c',
          where: 'lowlevellock.c:52',
        },
        window: 'lock',
      },
    ],
    victims: [
      {
        pid: 7,
        thread: 4,
        lwp: 11,
        name: 'reproducer',
        waiting: {
          level: 0,
          function: '__lll_lock_wait',
          pc: '0x00007f6e2f3cd29c',
          where: 'lowlevellock.c:52',
        },
      },
    ],
    lock: {
      address: '0x7f6e2f3f3990',
      symbol: lock,
      kind: 'recursive mutex',
      role: 'loader-write-lock',
      word: 2,
      owner: 0,
      count: 0,
    },
    graph: {
      nodes: [
        { id: 't12', kind: 'thread', label: 'thread 5 (LWP 12)', role: 'culprit' },
        { id: 't11', kind: 'thread', label: 'thread 4 (LWP 11)', role: 'victim' },
        { id: 'l1', kind: 'lock', label: `_dl_load_write_lock (${lock})`, role: 'lock' },
      ],
      edges: [
        {
          from: 't12',
          to: 'l1',
          kind: 'interrupted-while-taking',
          evidence: '#9 pthread_mutex_lock under a signal frame',
        },
        { from: 't12', to: 'l1', kind: 'waits', evidence: '#0 __lll_lock_wait, rdi' },
        { from: 't11', to: 'l1', kind: 'waits', evidence: '#0 __lll_lock_wait, rdi' },
      ],
    },
    advice: [
      {
        text: 'Use an unwinder that asks _dl_find_object: libgcc 12 or newer on glibc 2.35 or newer, for example Debian 12.',
        copy: 'FROM debian:bookworm',
      },
      {
        text: 'Or use a symbolizer whose handler never enters libgcc.',
        copy: 'go get github.com/nsrip-dd/cgotraceback',
      },
    ],
    also: [],
    raise: null,
    unread: [],
    ...overrides,
  }
}

type FrameSketch = readonly [name: string, file: string | null, line?: number]

const SIGNAL = '<signal handler called>'

const RAISE: readonly FrameSketch[] = [
  ['__GI___dl_iterate_phdr', 'dl-iteratephdr.c', 40],
  ['_Unwind_Find_FDE', null],
  ['uw_frame_state_for', null],
]

const CULPRIT_FRAMES: readonly FrameSketch[] = [
  ['__lll_lock_wait', 'lowlevellock.c', 52],
  ['__GI___pthread_mutex_lock', '../nptl/pthread_mutex_lock.c', 115],
  ...RAISE,
  ['_Unwind_Backtrace', null],
  ['cgoSymbolizerTraceback', 'traceback.c', 79],
  ['runtime.cgoSigtramp', 'sys_linux_amd64.s', 422],
  [SIGNAL, null],
  ['__GI___pthread_mutex_lock', '../nptl/pthread_mutex_lock.c', 115],
  ...RAISE,
  ['_Unwind_RaiseException', null],
  ['__cxa_throw', null],
  ['throwException', 'exception.cpp', 12],
  ['runForever', 'exception.cpp', 20],
  ['_cgo_0123456789ab_Cfunc_runForever', 'cgo-gcc-prolog', 49],
  ['runtime.asmcgocall', 'asm_amd64.s', 765],
]

const VICTIM_FRAMES: readonly FrameSketch[] = [
  ['__lll_lock_wait', 'lowlevellock.c', 52],
  ['__GI___pthread_mutex_lock', '../nptl/pthread_mutex_lock.c', 115],
  ['__GI___dl_iterate_phdr', 'dl-iteratephdr.c', 40],
  ['backtrace_initialize', 'elf.c', 7080],
  ['fileline_initialize', 'fileline.c', 272],
  ['cgoSymbolizer', 'symbolizer.c', 114],
  ['runtime.asmcgocall', 'asm_amd64.s', 765],
]

const IDLE_FRAMES: readonly FrameSketch[] = [
  ['runtime.futex', 'sys_linux_amd64.s', 520],
  ['runtime.futexsleep', 'os_linux.go', 44],
  ['runtime.notesleep', 'lock_futex.go', 159],
  ['runtime.mPark', 'proc.go', 1441],
  ['runtime.stopm', 'proc.go', 2408],
  ['runtime.findrunnable', 'proc.go', 2984],
  ['runtime.schedule', 'proc.go', 3367],
  ['runtime.mcall', 'asm_amd64.s', 307],
]

function makeFrame([name, file, line]: FrameSketch, level: number): Frame {
  return {
    level,
    pc: `0x${(0x7f6e2f000000 + level * 4096).toString(16).padStart(16, '0')}`,
    function: name === SIGNAL ? null : name,
    args: name === '__lll_lock_wait' ? 'futex=0x7f6e2f3f3990, private=0' : null,
    file,
    line: line ?? null,
    library: file === null && name !== SIGNAL ? '/lib/x86_64-linux-gnu/libgcc_s.so.1' : null,
    signalFrame: name === SIGNAL,
    inlined: false,
    cut: null,
  }
}

function makeThread(number: number, lwp: number, sketch: readonly FrameSketch[]): Thread {
  return {
    number,
    lwp,
    pthread: `0x7f6e2f${number.toString(16).padStart(6, '0')}`,
    name: 'reproducer',
    frames: sketch.map((frame, level) => makeFrame(frame, level)),
    wait: null,
    observed: null,
    registers: null,
  }
}

/** The stopped process that makeResult tells of, with as many threads as wanted (at least 6); the others are idle. */
export function makeProcess(threads = 7): StoppedProcess {
  const idle = Array.from({ length: threads }, (_unused, index) => index + 1).filter(
    (number) => number !== 4 && number !== 5,
  )
  return {
    pid: 7,
    executable: '/usr/local/bin/reproducer',
    threads: [
      makeThread(5, 12, CULPRIT_FRAMES),
      makeThread(4, 11, VICTIM_FRAMES),
      ...idle.map((number) =>
        makeThread(
          number,
          number + 7,
          number % 10 === 0 ? IDLE_FRAMES.slice(0, 3 + (number % 5)) : IDLE_FRAMES,
        ),
      ),
    ],
    locks: [],
    libraries: [],
    signal: null,
    gdb: 'GNU gdb (Debian 16.3-1) 16.3',
    unread: [],
  }
}

/** The dump of such a process as gdb prints it. */
export function makeDump(process: StoppedProcess): string {
  return process.threads
    .map((thread) => {
      const head = `Thread ${thread.number} (Thread ${thread.pthread} (LWP ${thread.lwp}) "${thread.name}"):`
      const frames = thread.frames.map((frame) =>
        frame.signalFrame
          ? `#${frame.level}  ${SIGNAL}`
          : `#${frame.level}  ${frame.pc} in ${frame.function} (${frame.args ?? ''})` +
            (frame.file === null ? ` from ${frame.library}` : ` at ${frame.file}:${frame.line}`),
      )
      return [head, ...frames].join('\n')
    })
    .join('\n\n')
}
