import { once } from 'node:events'
import { mkdtemp, open, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { createInterface } from 'node:readline'
import type { Readable } from 'node:stream'
import { execa } from 'execa'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { readTraceback } from '../../src/traceback/read.js'
import { buildReproducer } from './reproducer-build.js'

/** With SEND_SIGNALS set, signals to the first throwing thread that do not come from the profiler. */
const SIGNALS_FILE = `package main

/*
#include <pthread.h>
#include <signal.h>
#include <sys/syscall.h>
#include <unistd.h>
#include "counters.h"

static void *send_signals(void *unused) {
  for (;;) {
    uint64_t tid = cgo_deadlock_counters.slot[0].tid;
    if (tid != 0) syscall(SYS_tgkill, getpid(), (int)tid, SIGWINCH);
    usleep(10000);
  }
  return unused;
}

static void start_signals(void) {
  pthread_t thread;
  pthread_create(&thread, NULL, send_signals, NULL);
}
*/
import "C"

import "os"

func init() {
	if os.Getenv("SEND_SIGNALS") != "" {
		C.start_signals()
	}
}
`

/** A symbolizer that unwinds nothing and says so when it is asked for a name. */
const TALKING_SYMBOLIZER = `package main

/*
#include <stdint.h>
#include <string.h>
#include <unistd.h>

static void talking_traceback(void *argument) {
  struct { uintptr_t context, signal_context, *pcs, max; } *arg = argument;
  arg->pcs[0] = (uintptr_t)talking_traceback;
  arg->pcs[1] = 0;
}

static void talking_symbolizer(void *argument) {
  const char *text = "symbolizer used\\n";
  (void)argument;
  if (write(2, text, strlen(text)) < 0) _exit(9);
}

static void *traceback_address(void) { return (void *)talking_traceback; }
static void *symbolizer_address(void) { return (void *)talking_symbolizer; }
*/
import "C"

import "runtime"

func init() {
	runtime.SetCgoTraceback(0, C.traceback_address(), nil, C.symbolizer_address())
}
`

/** Makes every throw end in std::terminate, as a throw whose walk lost its way does. */
const LOST_WALK = `
int _Unwind_RaiseException(void *exception) {
  (void)exception;
  return 5; /* _URC_END_OF_STACK */
}
`

// The programs run for a second or three; a busy machine may start them late.
vi.setConfig({ testTimeout: 30_000 })

const SEND_SIGNALS = { SEND_SIGNALS: '1' }

interface Loop {
  readonly n: number
  readonly throws: number
  readonly signals: number
  readonly unwinds: number
  readonly exposures: number
}

function parseLoops(output: string): Loop[] {
  return output.split('\n').map((line) => {
    const match = /^Loop #(\d+) throws=(\d+) signals=(\d+) unwinds=(\d+) exposures=(\d+)$/.exec(
      line,
    )
    if (match === null) throw new Error(`not a loop line: ${JSON.stringify(line)}`)
    const [n, throws, signals, unwinds, exposures] = match.slice(1).map(Number)
    return { n: n!, throws: throws!, signals: signals!, unwinds: unwinds!, exposures: exposures! }
  })
}

async function waitForLoop(program: { readonly stdout: Readable }, n: number): Promise<void> {
  for await (const line of createInterface({ input: program.stdout })) {
    if (!line.startsWith(`Loop #${n} `)) continue
    program.stdout.resume()
    return
  }
  throw new Error(`the program ended before loop ${n}`)
}

/** The counters object of a running program, read as the sampler reads it: symbol, then memory. */
async function readCounters(executable: string, pid: number): Promise<Buffer> {
  const { stdout } = await execa('nm', ['--print-size', executable])
  const match = /^([0-9a-f]+) ([0-9a-f]+) [DB] cgo_deadlock_counters$/m.exec(stdout)
  if (match === null) throw new Error('no global symbol cgo_deadlock_counters in .data or .bss')
  const bytes = Buffer.alloc(parseInt(match[2]!, 16))
  const memory = await open(`/proc/${pid}/mem`)
  try {
    await memory.read(bytes, 0, bytes.length, parseInt(match[1]!, 16))
  } finally {
    await memory.close()
  }
  return bytes
}

let folder: string
let none: string
let framepointer: string
let talking: string

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'reproducer-'))
  const files = { 'signals.go': SIGNALS_FILE }
  none = await buildReproducer(path.join(folder, 'none'), 'none', files)
  framepointer = await buildReproducer(path.join(folder, 'framepointer'), 'framepointer', files)
  talking = await buildReproducer(path.join(folder, 'talking'), 'none', {
    ...files,
    'symbolizer.go': TALKING_SYMBOLIZER,
  })
}, 180_000)

afterAll(async () => {
  await rm(folder, { recursive: true, force: true })
})

describe('loop lines', () => {
  it('count throws, and no signal without a symbolizer', async () => {
    const { stdout } = await execa(none, ['-duration', '1200ms'])
    const loops = parseLoops(stdout)
    expect(loops.length).toBeGreaterThanOrEqual(2)
    expect(loops.map((loop) => loop.n)).toEqual(loops.map((_, index) => index + 1))
    expect(loops[1]!.throws).toBeGreaterThan(loops[0]!.throws)
    expect(loops.at(-1)).toMatchObject({ signals: 0, unwinds: 0, exposures: 0 })
  })

  it('count signals, unwinds and exposures with a symbolizer', async () => {
    const { stdout, stderr } = await execa(framepointer, ['--duration=1500ms', '--threads', '2'])
    const last = parseLoops(stdout).at(-1)!
    expect(last.throws).toBeGreaterThan(1000)
    expect(last.signals).toBeGreaterThan(0)
    // At most one handler of each thread is between its two counts at the moment of reading.
    expect(last.signals - last.unwinds).toBeGreaterThanOrEqual(0)
    expect(last.signals - last.unwinds).toBeLessThanOrEqual(2)
    expect(last.exposures).toBeGreaterThan(0)
    expect(last.exposures).toBeLessThanOrEqual(last.signals)
    expect(stderr).toBe('')
  })
})

describe('the hook that counts', () => {
  it('leaves no stack frame that a symbolizer could see', async () => {
    const symbols = ['__wrap_x_cgo_callers', 'count_unwind_and_resume']
    for (const symbol of symbols) {
      const { stdout } = await execa('objdump', [
        '--no-show-raw-insn',
        `--disassemble=${symbol}`,
        none,
      ])
      expect(stdout).toContain(`<${symbol}>:`)
      expect(stdout).not.toMatch(/\t(call|bl|blr|push)\b/)
    }
  })
})

describe('the counters object', () => {
  it('has the documented layout, one slot for each throwing thread', async () => {
    const program = execa(framepointer, { env: { CGO_DEADLOCK_THREADS: '3' }, reject: false })
    await waitForLoop(program, 2)
    const bytes = await readCounters(framepointer, program.pid!)
    const tasks = await readdir(`/proc/${program.pid}/task`)
    program.kill('SIGKILL')
    await program

    expect(bytes.length).toBe(64 + 256 * 64)
    expect(bytes.toString('latin1', 0, 16)).toBe('cgo-deadlock-cnt')
    expect([16, 20, 24, 28].map((offset) => bytes.readUInt32LE(offset))).toEqual([1, 256, 64, 0])
    for (const start of [64, 128, 192]) {
      const [tid, throws, signals, unwinds, exposures, inThrow] = [0, 8, 16, 24, 32, 40].map(
        (offset) => Number(bytes.readBigUInt64LE(start + offset)),
      )
      expect(tasks).toContain(String(tid))
      expect(throws).toBeGreaterThan(0)
      expect(signals! - unwinds!).toBeOneOf([0, 1])
      expect(exposures).toBeLessThanOrEqual(signals!)
      expect(inThrow).toBeOneOf([0, 1])
    }
    expect(bytes.subarray(256).every((byte) => byte === 0)).toBe(true)
  })

  it('names the thread that reached std::terminate, which stays', async () => {
    const source = path.join(folder, 'lost-walk.c')
    const library = path.join(folder, 'lost-walk.so')
    await writeFile(source, LOST_WALK)
    await execa('gcc', ['-shared', '-fPIC', '-o', library, source])
    const program = execa(none, ['-duration=3s'], { env: { LD_PRELOAD: library }, reject: false })
    await waitForLoop(program, 2)
    const tid = (await readCounters(none, program.pid!)).readUInt32LE(28)
    const tasks = await readdir(`/proc/${program.pid}/task`)
    const { stderr, exitCode } = await program

    expect(tasks).toContain(String(tid))
    expect(stderr).toBe(`reproducer: thread ${tid} reached std::terminate; kept for a debugger`)
    expect(exitCode).toBe(1)
  })
})

describe('flags', () => {
  const quiet = ['-duration=1300ms', '-profile=false', '-goroutines=false']

  it('-warm uses the symbolizer, which otherwise nothing here uses', async () => {
    const [cold, warm] = await Promise.all([
      execa(talking, quiet, { env: SEND_SIGNALS }),
      execa(talking, [...quiet, '-warm'], { env: SEND_SIGNALS }),
    ])
    expect(cold.stderr).toBe('')
    expect(warm.stderr).toContain('symbolizer used')
  })

  it('-goroutines dumps stacks with their C frames', async () => {
    const program = execa(talking, ['-profile=false', '-goroutines=true'], {
      env: SEND_SIGNALS,
      reject: false,
    })
    // A dump asks for names only where a signal has the thread in its handler just then.
    await Promise.all([
      once(createInterface({ input: program.stderr }), 'line'),
      waitForLoop(program, 3),
    ])
    program.kill('SIGKILL')
    const { stdout, stderr } = await program
    expect(parseLoops(stdout).at(-1)!.signals).toBeGreaterThan(0)
    expect(stderr).toContain('symbolizer used')
  })

  it('-profile=false sends no signal of its own', async () => {
    const { stdout } = await execa(framepointer, quiet)
    // SIGURG, with which Go preempts, can still reach a thread that is just entering C.
    expect(parseLoops(stdout).at(-1)!.signals).toBeLessThan(10)
  })

  it('-profile-rate sets how many signals come', async () => {
    const { stdout } = await execa(framepointer, ['-duration=1s', '-profile-rate=20'])
    // The timer counts CPU time: 20 a second for each of at most two running threads.
    const { signals } = parseLoops(stdout).at(-1)!
    expect(signals).toBeGreaterThan(0)
    expect(signals).toBeLessThan(60)
  })

  it('-gomaxprocs reaches the runtime', async () => {
    const env = { GODEBUG: 'schedtrace=300' }
    const { stderr } = await execa(none, [...quiet, '-gomaxprocs', '3'], { env })
    expect(stderr).toContain('gomaxprocs=3')
  })

  it('a flag wins over its environment variable', async () => {
    const env = { CGO_DEADLOCK_DURATION: '1h', CGO_DEADLOCK_PROFILE: 'false' }
    const { stdout } = await execa(framepointer, ['-duration=100ms'], { env })
    expect(parseLoops(stdout).at(-1)).toMatchObject({ n: 2 })
  })

  it.each([
    [
      ['-threads=0'],
      {},
      'reproducer: invalid value "0" for flag -threads: give a whole number from 1 to 256',
    ],
    [
      ['--gomaxprocs', 'x'],
      {},
      'invalid value "x" for flag -gomaxprocs: give a whole number from 1 to 256',
    ],
    [
      ['-profile-rate=-1'],
      {},
      'invalid value "-1" for flag -profile-rate: give a whole number from 1 to 10000',
    ],
    [['-duration=3'], {}, 'invalid value "3" for flag -duration: give 0 or a time with its unit'],
    [['-duration=-3s'], {}, 'invalid value "-3s" for flag -duration'],
    [['-profile=maybe'], {}, 'invalid boolean value "maybe" for -profile: give true or false'],
    [['-nonsense'], {}, 'flag provided but not defined: -nonsense (-help lists the flags)'],
    [['more'], {}, 'argument "more" is not a flag'],
    [
      [],
      { CGO_DEADLOCK_WARM: 'yes' },
      'invalid value "yes" for environment variable CGO_DEADLOCK_WARM (flag -warm): give true or false',
    ],
  ])('%j with %j is refused', async (args, env, message) => {
    const { exitCode, stderr, stdout } = await execa(none, args, { env, reject: false })
    expect(stderr).toContain(message)
    expect(stdout).toBe('')
    expect(exitCode).toBe(64)
  })

  it('-spin shows what the symbolizer makes of plain C++ code, and ends', async () => {
    const seen = readTraceback((await execa(framepointer, ['-spin'])).stdout)
    expect(seen?.made).toBeGreaterThan(10)
    expect(seen?.frames).toBeGreaterThan(3 * (seen?.made ?? 0))
    expect(seen?.microseconds).toBeGreaterThan(0)
    expect(seen?.names.slice(0, 3)).toEqual(['spin_inner', 'spin_middle', 'spin_outer'])
    expect(seen?.named).toBeGreaterThan((seen?.samples ?? 0) / 2)

    const unseen = readTraceback((await execa(none, ['-spin'])).stdout)
    expect(unseen).toMatchObject({ made: 0, frames: 0, named: 0, names: [] })
    expect(unseen?.samples).toBeGreaterThan(10)
  })

  it('-help lists every flag with its variable', async () => {
    const { stdout } = await execa(none, ['-help'])
    expect(stdout).toContain('-profile-rate=100')
    expect(stdout).toContain('CGO_DEADLOCK_PROFILE_RATE')
    expect(stdout.match(/CGO_DEADLOCK_/g)).toHaveLength(8)
  })
})

describe('the frame pointer symbolizer', () => {
  it('shows C frames when the runtime prints all stacks in its signal handler', async () => {
    const program = execa(framepointer, ['-profile=false', '-goroutines=false'], {
      env: SEND_SIGNALS,
      reject: false,
    })
    await waitForLoop(program, 2)
    program.kill('SIGQUIT')
    const { stderr } = await program
    expect(stderr).toContain('main._Cfunc_throw_for_ever')
    // The interrupted pc is somewhere in a throw: in a library, or in our own object.
    expect(stderr).toMatch(/^\t\/\S+(\.so[.\d]*|reproducer):0 pc=0x[0-9a-f]+$/m)
  })
})
