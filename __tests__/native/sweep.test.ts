import { execFileSync } from 'node:child_process'
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest'
import { listDescendants } from '../../src/host/proc.js'
import {
  buildNative,
  compile,
  end,
  followLines,
  makeFolder,
  PROGRAMS,
  start,
} from '../helpers/native.js'
import type { Child, Stream } from '../helpers/native.js'
import { join } from 'node:path'
import {
  childrenOf,
  compileSwept,
  finishSweep,
  SIGPROF,
  startSweep,
  statusOf,
  where,
} from '../helpers/sweep.js'
import { makeCanon } from '../../src/sweep/canon.js'
import type { PassageEvent, SweepEvent } from '../../src/sweep/events.js'
import { wordsOf } from '../../src/sweep/map-plan.js'
import { placeOf, placeText } from '../../src/sweep/place.js'
import type { Trial, Trials } from '../../src/sweep/trial.js'
import { plainThrow } from '../../src/sweep/way.js'

const LIMIT_MS = 120_000
const DENSE = `${SIGPROF}/1+0`

let folder: Awaited<ReturnType<typeof makeFolder>>
let sweep = ''
let gate = ''
let safe = ''
let unsafe = ''
const children: Child[] = []

beforeAll(async () => {
  folder = await makeFolder()
  const { path } = folder
  ;[sweep, gate, safe, unsafe] = await Promise.all([
    buildNative('sweep', path),
    buildNative('gate', path),
    compileSwept('safe', path),
    compileSwept('unsafe', path),
  ])
}, LIMIT_MS)
afterEach(() => Promise.all(children.splice(0).map(endAll)))
afterAll(() => folder.remove())

/** What a gate has ready goes with it. */
async function endAll(child: Child): Promise<void> {
  // Stopped first, so that it makes no more.
  child.kill('SIGSTOP')
  const pids = listDescendants(child.pid ?? 0)
  await end(child)
  for (const pid of pids) if (statusOf(pid, 'Name') !== null) process.kill(pid, 'SIGKILL')
}

function launch(command: string, args: readonly string[] = []): Child {
  const child = start(command, args)
  child.stdout.resume()
  children.push(child)
  return child
}

function begin(args: readonly string[]): Stream<SweepEvent> {
  const stream = startSweep(sweep, args)
  children.push(stream.child)
  return stream
}

/** Sweeps `work` of a program that the gate holds. */
async function sweepHeld(
  program: readonly string[],
  passages: readonly string[],
  options: readonly string[] = ['--function', 'work'],
): Promise<{ trials: Trials; trial: Trial; gated: Child }> {
  const gated = launch(gate, program)
  const args = ['--held', ...options, String(gated.pid), ...passages]
  const trials = await finishSweep(begin(args))
  const [trial] = trials
  if (trial === undefined) throw new Error('the sweep said nothing')
  return { trials, trial, gated }
}

/** A program that runs already, and has shown that it does. */
async function launchCounting(mode: string): Promise<{ pid: number; goesOn: () => Promise<void> }> {
  const lines = followLines(start(safe, [mode]))
  children.push(lines.child)
  await lines.next(() => true)
  const pid = lines.child.pid ?? 0
  return {
    pid,
    goesOn: async () => {
      await lines.next(() => true, lines.seen.length)
    },
  }
}

function passageAt(trial: Trial, index: number): PassageEvent {
  const passage = trial.passages[index]
  if (passage === undefined) throw new Error(`no passage ${index}: ${JSON.stringify(trial.end)}`)
  return passage
}

describe('passages', () => {
  it(
    'go by, tell the way, interrupt densely and in strides, look for locks, take samples',
    async () => {
      const passages = ['skip', 'plain', DENSE, `${SIGPROF}/16+3`, `locks=${SIGPROF}`, 'sample=5']
      const { trial } = await sweepHeld([safe, 'plain'], passages)
      expect(trial.end).toEqual({ reason: 'done', detail: null })
      const [skip, plain, dense, strided, locks, sample] = trial.passages
      expect(trial.passages.map(({ kind }) => kind)).toEqual(
        'skip plain signals signals locks sample'.split(' '),
      )
      expect(skip).toMatchObject({ steps: 0, signals: 0, places: [] })
      expect(plain).toMatchObject({ signals: 0, rounds: 0, ended: 'returned' })
      expect(plain?.places).toHaveLength(plain?.steps ?? 0)
      expect(where(trial, plain?.places[0])).toMatch(/^work\+0 \(safe\)$/)
      const steps = plain?.steps ?? 0
      expect(dense).toMatchObject({ steps, signals: steps, returned: steps, ended: 'returned' })
      expect(dense?.places).toEqual(plain?.places)
      expect(strided).toMatchObject({ steps, stride: 16, start: 3 })
      expect(strided?.at.every((step, index) => step === 3 + index * 16)).toBe(true)
      expect(strided?.signals).toBe(Math.ceil((steps - 3) / 16))
      expect(strided?.returned).toBe(strided?.signals)
      expect(locks).toMatchObject({ signals: 1, returned: 1, shared: [], ended: 'returned' })
      expect(locks?.handlerSteps).toBeGreaterThan(5)
      expect(sample?.places).toHaveLength(5)
    },
    LIMIT_MS,
  )

  it(
    'tell with the way which call each step is in',
    async () => {
      const mutex = await compileSwept('mutex', folder.path)
      const { trial } = await sweepHeld([mutex], ['skip', 'plain'], ['--function', 'add'])
      const { way, stackAt } = plainThrow([trial])
      const inLock = way.findIndex((place) => placeText(place).includes('mutex_lock'))
      expect(inLock).toBeGreaterThan(0)
      expect(stackAt(inLock).at(-1)).toEqual(
        way.findLast((place, step) => step < inLock && placeText(place).startsWith('add+')),
      )
      expect(stackAt(0)).toEqual([])
      expect(stackAt(way.length - 1)).toEqual([])
    },
    LIMIT_MS,
  )

  it(
    'send one signal alone, at an instruction that is come to for the so manieth time',
    async () => {
      const { trial: shown } = await sweepHeld([safe, 'plain'], ['skip', 'plain'])
      const canon = makeCanon(plainThrow([shown]).way)
      const turns = canon.steps.flatMap((step) => canon.at(step) ?? [])
      const late = turns.filter(({ turn }) => turn > 1)
      expect(late.length).toBeGreaterThan(10)
      const words = [...turns.slice(0, 40), ...late].flatMap((turn) => wordsOf(SIGPROF, turn))
      const { trial } = await sweepHeld([safe, 'plain'], ['skip', ...words.slice(0, 800)])
      expect(trial.end?.reason).toBe('done')
      const alone = trial.passages.filter(({ kind }) => kind === 'alone')
      expect(alone.length).toBeGreaterThan(50)
      for (const passage of alone) {
        expect(passage).toMatchObject({ signals: 1, returned: 1, ended: 'again' })
        // It runs free; only from the function's first instruction it is stepped.
        expect(passage.steps).toBeLessThan(2)
      }
      const at = alone.map(({ places, turns: came }) => [where(trial, places[0]), came[0]])
      const asked = [...turns.slice(0, 40), ...late].map(({ place, turn }) => [
        placeText(place),
        turn,
      ])
      expect(at).toEqual(asked.slice(0, at.length))
    },
    LIMIT_MS,
  )

  it(
    'alone fail at the instruction that is named, and say nothing of one that nobody comes to',
    async () => {
      const { trial: shown } = await sweepHeld([unsafe, 'crash'], ['skip', 'plain', DENSE])
      const { places, turns } = passageAt(shown, 2)
      const place = placeOf(shown.atlas, places.at(-1)!)!
      const deadly = { place, turn: turns.at(-1)! }
      const never = { place, turn: 99 }
      const words = [...wordsOf(SIGPROF, never), ...wordsOf(SIGPROF, deadly)]
      const { trial } = await sweepHeld([unsafe, 'crash'], ['skip', ...words])
      const [missed, failed] = trial.passages.filter(({ kind }) => kind === 'alone')
      expect(missed).toMatchObject({ signals: 0, places: [], failure: null, trouble: null })
      expect(failed).toMatchObject({ signals: 1, failure: { kind: 'crash', phase: 'handler' } })
      expect(placeOf(trial.atlas, failed!.failure!.place)).toEqual(place)
    },
    LIMIT_MS,
  )

  it(
    'of a throw end where the caller has caught, or where the thread throws again',
    async () => {
      const throws = await compileSwept('throws.cc', folder.path)
      for (const until of ['caught', 'again']) {
        const options = ['--function', '__cxa_throw', '--until', until]
        const { trial } = await sweepHeld([throws], ['skip', 'plain', `${SIGPROF}/16+0`], options)
        expect(trial.end?.reason).toBe('done')
        expect(passageAt(trial, 1)).toMatchObject({ ended: until })
        expect(passageAt(trial, 2)).toMatchObject({ ended: until })
        expect(passageAt(trial, 1).caughtAt).toBeGreaterThan(1000)
      }
    },
    LIMIT_MS,
  )

  it(
    'behind `next` are made with the next process that the gate has ready',
    async () => {
      const { trials } = await sweepHeld(
        ['--again', '2', safe, 'plain'],
        ['plain', 'next', DENSE],
        [...['--function', 'work', '--keep', 'none']],
      )
      expect(trials.map((trial) => trial.end?.reason)).toEqual(['done', 'done'])
      expect(trials.map(({ ready }) => ready?.process)).toEqual([0, 1])
      const [first, second] = trials.map(({ ready }) => ready?.pid)
      expect(first).not.toBe(second)
    },
    LIMIT_MS,
  )

  it(
    'leave out the functions that are to be avoided',
    async () => {
      const options = ['--function', 'work', '--avoid', 'sum']
      const { trial } = await sweepHeld([safe, 'plain'], ['plain', DENSE], options)
      const dense = passageAt(trial, 1)
      expect(dense.avoided).toBeGreaterThan(50)
      expect(dense.signals + dense.avoided).toBe(dense.steps)
      expect(dense.places.some((number) => where(trial, number).startsWith('sum'))).toBe(false)
    },
    LIMIT_MS,
  )

  it(
    'count the handlers that were seen to enter a function',
    async () => {
      const observe = (name: string): readonly string[] => ['--function', 'work', '--observe', name]
      const { trial } = await sweepHeld([safe, 'reentrant'], [DENSE], observe('sum'))
      expect(where(trial, trial.ready?.observed)).toMatch(/^sum\+0/)
      expect(passageAt(trial, 0).entered).toBe(passageAt(trial, 0).signals)
      const other = await sweepHeld([safe, 'reentrant'], [DENSE], observe('main'))
      expect(passageAt(other.trial, 0).entered).toBe(0)
    },
    LIMIT_MS,
  )
})

describe('a program that is safe', () => {
  it.each([
    ['altstack', 'handlers on a stack of their own, not blocking their signal'],
    ['reentrant', 'handlers that call the same functions'],
    ['recursive', 'a function that calls itself'],
    ['forking', 'a function that forks and waits'],
    ['sleeping', 'a function that sleeps for longer than is waited'],
    ['profiled', 'a timer that sends the same signal all the time'],
    ['threads', 'threads that start and end, one of which calls the function with signals blocked'],
  ])(
    'is found so: %s (%s)',
    async (mode) => {
      const { trial } = await sweepHeld([safe, mode], ['skip', DENSE, `${SIGPROF}/16+5`])
      expect(trial.end).toEqual({ reason: 'done', detail: null })
      const [, dense, strided] = trial.passages
      expect(dense).toMatchObject({ signals: dense?.steps, returned: dense?.steps, blocked: 0 })
      expect(strided?.signals).toBeGreaterThan(0)
      expect(strided?.returned).toBe(strided?.signals)
    },
    LIMIT_MS,
  )

  it(
    'is found so where it blocks the signal for a while',
    async () => {
      const { trial } = await sweepHeld([safe, 'masked'], ['skip', DENSE])
      const dense = passageAt(trial, 1)
      expect(dense.blocked).toBeGreaterThan(10)
      expect(dense.signals + dense.blocked).toBe(dense.steps)
      expect(dense.returned).toBe(dense.signals)
      // Which instructions those were is told too, so that nothing else passes for them.
      expect(dense.shut).toHaveLength(dense.blocked)
      expect(dense.shutTurns).toHaveLength(dense.blocked)
      expect(dense.shut.map((number) => where(trial, number)).join()).toMatch(/\bsum\+/)
    },
    LIMIT_MS,
  )

  it(
    'has one signal for a repeated instruction, whose further rounds are counted',
    async () => {
      const { trial } = await sweepHeld([safe, 'repeating'], ['skip', 'plain', DENSE])
      expect(passageAt(trial, 1).rounds).toBe(39)
      const dense = passageAt(trial, 2)
      expect(dense).toMatchObject({ rounds: 39, signals: dense.steps - 39 })
    },
    LIMIT_MS,
  )

  it.each([
    ['at fixed addresses', ['-no-pie']],
    ['position independent', ['-pie', '-fPIE']],
    ['statically linked', ['-static']],
    ['statically linked and position independent', ['-static-pie', '-fPIE']],
  ])(
    'is found so %s, and by an offset where it is stripped',
    async (_how, flags) => {
      const path = await compileSwept('safe', (await makeFolderIn()).path, flags)
      const { trial } = await sweepHeld([path, 'plain'], ['skip', DENSE])
      const dense = passageAt(trial, 1)
      expect(dense.returned).toBe(dense.steps)
      const table = execFileSync('nm', [path], { encoding: 'utf8' })
      const offset = /^([0-9a-f]+) T work$/m.exec(table)?.[1]?.replace(/^0+/, '') ?? ''
      const bare = join((await makeFolderIn()).path, 'safe')
      execFileSync('strip', ['-o', bare, path])
      const options = ['--function', `safe+0x${offset}`]
      const stripped = await sweepHeld([bare, 'plain'], ['skip', DENSE], options)
      expect(passageAt(stripped.trial, 1)).toMatchObject({
        steps: dense.steps,
        returned: dense.steps,
      })
    },
    LIMIT_MS,
  )

  it(
    'is found so with musl',
    async () => {
      const path = await compile(join(PROGRAMS, '../../sweep/safe.c'), join(folder.path, 'musl'), [
        ...['-specs', muslSpecs(), '-static'],
      ])
      const { trial } = await sweepHeld([path, 'plain'], ['skip', DENSE])
      expect(passageAt(trial, 1).returned).toBe(passageAt(trial, 1).steps)
    },
    LIMIT_MS,
  )
})

describe('a program that is not', () => {
  it.each([
    ['crash', { kind: 'crash', phase: 'handler', fault: 11 }, /^work\+/, /^look\+/],
    ['abort', { kind: 'crash', phase: 'handler', fault: 6 }, /^work\+/, /./],
    ['spin', { kind: 'livelock', phase: 'handler' }, /^work\+/, /^look\+/],
  ] as const)(
    'fails at one instruction: %s',
    async (mode, failure, at, waiting) => {
      const { trial, gated } = await sweepHeld([unsafe, mode], ['skip', 'plain', DENSE])
      expect(trial.end?.reason).toBe('failed')
      const dense = passageAt(trial, 2)
      expect(dense.failure).toMatchObject(failure)
      expect(dense.signals).toBe(dense.returned + 1)
      expect(where(trial, dense.failure?.place)).toMatch(at)
      expect(where(trial, dense.failure?.waiting)).toMatch(waiting)
      expect(statusOf(gated.pid, 'TracerPid')).toBe('0')
      // Before it dies it is stopped, for a debugger; one that runs in a circle goes on to do so.
      const state = failure.kind === 'crash' ? 'T' : 'R'
      await vi.waitUntil(() => statusOf(gated.pid, 'State')?.startsWith(state) === true)
    },
    LIMIT_MS,
  )

  it(
    'calls std::terminate, before which it is stopped',
    async () => {
      const terminate = await compileSwept('terminate.cc', folder.path)
      const { trial, gated } = await sweepHeld([terminate], ['skip', 'plain', DENSE])
      const { failure } = passageAt(trial, 2)
      expect(failure).toMatchObject({ kind: 'terminate', phase: 'handler' })
      expect(where(trial, failure?.waiting)).toMatch(/^_ZSt9terminatev\+0/)
      await vi.waitUntil(() => statusOf(gated.pid, 'State')?.startsWith('T') === true)
    },
    LIMIT_MS,
  )

  it(
    'is not to be judged where its handler jumps out of itself',
    async () => {
      const { trial } = await sweepHeld([unsafe, 'jump'], ['skip', 'plain', DENSE])
      expect(trial.end?.reason).toBe('trouble')
      expect(passageAt(trial, 2)).toMatchObject({
        failure: null,
        trouble: 'the handler does not return but jumps out of itself (longjmp)',
      })
    },
    LIMIT_MS,
  )
})

describe('what becomes of the process', () => {
  it.each([
    ['all', 'plain', true],
    ['failed', 'plain', false],
    ['failed', 'crash', true],
    ['none', 'crash', false],
  ])(
    'with --keep %s, after a program that is %s: there is one left: %s',
    async (keep, mode, left) => {
      const program = mode === 'plain' ? safe : unsafe
      const { gated } = await sweepHeld(
        [program, mode],
        ['skip', 'plain', DENSE],
        [...['--function', 'work', '--keep', keep]],
      )
      if (left) expect(statusOf(gated.pid, 'TracerPid')).toBe('0')
      else await vi.waitUntil(() => gated.signalCode === 'SIGKILL', { timeout: 10_000 })
      expect(gated.signalCode).toBe(left ? null : 'SIGKILL')
    },
    LIMIT_MS,
  )

  it(
    'it goes on counting, whenever and however the sweep is ended',
    async () => {
      const { pid, goesOn } = await launchCounting('profiled')
      const ways = ['SIGTERM', 'SIGINT', 'SIGHUP', 'SIGSEGV'] as const
      const passages = Array.from({ length: 500 }, (_, index) => (index % 2 ? 'plain' : DENSE))
      for (let turn = 0; turn < 20; turn += 1) {
        const stream = begin(['--function', 'work', String(pid), ...passages])
        await stream.next(({ event }) => event === 'ready')
        await new Promise((resolve) => setTimeout(resolve, Math.random() * 60))
        const [tracer = 0] = childrenOf(stream.child.pid)
        // The one that is asked, and the one that traces, in turns.
        process.kill(turn % 2 ? tracer : (stream.child.pid ?? 0), ways[turn % ways.length])
        await finishSweep(stream)
        await vi.waitUntil(() => statusOf(pid, 'TracerPid') === '0', { timeout: 10_000 })
        await goesOn()
      }
    },
    LIMIT_MS,
  )

  it(
    'it goes on counting when the sweep’s first process is killed outright',
    async () => {
      const { pid, goesOn } = await launchCounting('plain')
      const passages = Array.from({ length: 500 }, () => DENSE)
      const stream = begin(['--function', 'work', String(pid), ...passages])
      await stream.next(({ event }) => event === 'passage')
      stream.child.kill('SIGKILL')
      await vi.waitUntil(() => statusOf(pid, 'TracerPid') === '0', { timeout: 10_000 })
      await goesOn()
    },
    LIMIT_MS,
  )

  it(
    'a stop from outside is sat out, and the sweep goes on after it',
    async () => {
      const { pid, goesOn } = await launchCounting('plain')
      const passages = Array.from({ length: 40 }, () => DENSE)
      const stream = begin(['--function', 'work', String(pid), ...passages])
      await stream.next(({ event }) => event === 'passage')
      process.kill(pid, 'SIGSTOP')
      await new Promise((resolve) => setTimeout(resolve, 700))
      process.kill(pid, 'SIGCONT')
      const [trial] = await finishSweep(stream)
      expect(trial?.end?.reason).toBe('done')
      expect(trial?.passages).toHaveLength(40)
      await goesOn()
    },
    LIMIT_MS,
  )
})

describe('a sweep that can’t be made says why', () => {
  const ended = (reason: string, detail: string | null = null): unknown => ({ reason, detail })
  const soon = ['--find-s', '2']

  it.each([
    [
      'nobody comes to the function',
      [...soon, '--function', 'abort'],
      ['plain'],
      'never-reached',
      null,
    ],
    [
      'there is no such function',
      [...soon, '--function', 'no_such_name'],
      ['plain'],
      'no-function',
      null,
    ],
    [
      'the function is one that the loader chooses at the start',
      [...soon, '--function', 'strcasecmp'],
      ['plain'],
      'indirect',
      null,
    ],
    [
      'there is no handler',
      [...soon, '--function', 'work'],
      ['10/1+0'],
      'not-handled',
      'signal 10',
    ],
  ])(
    '%s',
    async (_what, options, passages, reason, detail) => {
      const begun = performance.now()
      const { trial } = await sweepHeld([safe, 'plain'], passages, options)
      expect(trial.end).toEqual(ended(reason, detail))
      expect(performance.now() - begun).toBeLessThan(20_000)
    },
    LIMIT_MS,
  )

  it(
    'every thread that comes has blocked the signal',
    async () => {
      const { pid, goesOn } = await launchCounting('blocking')
      const [trial] = await finishSweep(begin([...soon, '--function', 'work', String(pid), DENSE]))
      expect(trial?.end).toEqual(ended('blocked', `signal ${SIGPROF}`))
      await goesOn()
    },
    LIMIT_MS,
  )

  it.each([
    ['ending', 'it ends'],
    ['becoming', 'it becomes another program'],
  ])(
    '%s: %s',
    async (mode) => {
      const { trial } = await sweepHeld(
        [safe, mode],
        Array.from({ length: 12 }, () => 'plain'),
      )
      expect(trial.end?.reason).toBe('gone')
      expect(trial.passages.length).toBeGreaterThan(3)
    },
    LIMIT_MS,
  )

  it(
    'all breakpoint registers are taken',
    async () => {
      const { pid, goesOn } = await launchCounting('plain')
      const slots = await compileSwept('slots', folder.path)
      const holder = followLines(start(slots, [String(pid)]))
      children.push(holder.child)
      await holder.next((line) => line === 'taken')
      const [trial] = await finishSweep(begin(['--function', 'work', String(pid), 'plain']))
      expect(trial?.end).toEqual(ended('no-breakpoint'))
      await goesOn()
    },
    LIMIT_MS,
  )

  it(
    'somebody else traces the process',
    async () => {
      const { pid, goesOn } = await launchCounting('plain')
      const source = join(PROGRAMS, 'tracer.c')
      const tracer = followLines(
        start(await compile(source, join(folder.path, 'tracer')), [String(pid)]),
      )
      children.push(tracer.child)
      await tracer.next((line) => line === 'traced')
      const [trial] = await finishSweep(begin(['--function', 'work', String(pid), 'plain']))
      expect(trial?.end).toEqual(ended('refused', 'Operation not permitted'))
      await goesOn()
    },
    LIMIT_MS,
  )

  it(
    'several want what a gate has ready: each gets one of its own',
    async () => {
      const gated = launch(gate, ['--again', '3', safe, 'plain'])
      const words = ['plain', 'next', 'plain', 'next', 'plain', 'next', 'plain']
      const args = ['--held', '--keep', 'none', '--function', 'work', String(gated.pid), ...words]
      const swept = await Promise.all([1, 2, 3, 4].map(() => finishSweep(begin(args))))
      const trials = swept.flat()
      expect(trials.map((trial) => trial.end)).toEqual(trials.map(() => ended('done')))
      expect(new Set(trials.map(({ ready }) => ready?.pid)).size).toBe(16)
    },
    LIMIT_MS,
  )

  it(
    'no gate has a program ready',
    async () => {
      const { pid } = await launchCounting('plain')
      const [trial] = await finishSweep(
        begin(['--held', '--function', 'work', String(pid), 'plain']),
      )
      expect(trial?.end).toEqual(ended('no-gate'))
    },
    LIMIT_MS,
  )

  it.each([
    [['--function', 'work', '1'], 'a passage is needed'],
    [['1', 'dense'], 'not a passage: dense'],
    [['1', '65/1+0'], 'not a passage: 65/1+0'],
    [['1', '27/0+0'], 'not a passage: 27/0+0'],
    [['1', '27@/lib/a+0x10'], 'not a passage: 27@/lib/a+0x10'],
    [['1', '27@/lib/a+0x10#0'], 'not a passage: 27@/lib/a+0x10#0'],
    [['1', '27@+0x10#1'], 'not a passage: 27@+0x10#1'],
    [['x', 'plain'], 'the id of a process is needed: x'],
    [['1', 'next', 'plain'], 'a passage is needed before: next'],
    [['1', 'plain', 'next'], 'a passage is needed: next'],
    [['--no-such', '1', 'plain'], 'unknown option: --no-such'],
    [['--find-s', '0', '1', 'plain'], '--find-s: 0'],
    [['--again-s', '0', '1', 'plain'], '--again-s: 0'],
    [['--keep', 'some', '1', 'plain'], '--keep: some'],
    [['--until', 'never', '1', 'plain'], '--until: never'],
  ])('refuses %j', (args, words) => {
    const refused = runRefused(args)
    expect(refused.status).toBe(2)
    expect(refused.stderr).toContain(words)
  })
})

function runRefused(args: readonly string[]): { status: unknown; stderr: string } {
  try {
    execFileSync(sweep, args, { stdio: 'pipe' })
  } catch (thrown) {
    const { status, stderr } = thrown as { status: unknown; stderr: Buffer }
    return { status, stderr: stderr.toString() }
  }
  throw new Error('it was not refused')
}

async function makeFolderIn(): ReturnType<typeof makeFolder> {
  const made = await makeFolder()
  folders.push(made)
  return made
}

const folders: Awaited<ReturnType<typeof makeFolder>>[] = []
afterAll(async () => {
  await Promise.all(folders.map((each) => each.remove()))
})

/** Where musl-gcc keeps its specs. */
function muslSpecs(): string {
  const script = execFileSync('sh', ['-c', 'cat "$(command -v musl-gcc)"'], { encoding: 'utf8' })
  return /-specs "([^"]+)"/.exec(script)?.[1] ?? 'not found'
}
