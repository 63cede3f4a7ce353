import { execFile } from 'node:child_process'
import { chmod, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { runCellFromCommandLine } from '../helpers/command-line.js'
import { leftContainers } from '../helpers/leftovers.js'

const run = promisify(execFile)
const SOURCE = join(import.meta.dirname, '../../native/guard/guard.c')
const ORIGINAL = ['--glibc-version', '2.31', '--gcc-version', '10', '--go-version', '1.17']
const SWEEP = ['--experiment', 'sweep']
const GUARD = ['--mitigation', 'guard']

describe('the guard on glibc 2.31', () => {
  it('holds: every instruction is tried, warm and cold, and none is deadly', async () => {
    const { result, exitCode } = await runCellFromCommandLine([...ORIGINAL, ...SWEEP, ...GUARD])
    expect(await leftContainers(result.id)).toEqual([])
    expect(result).toMatchObject({ outcome: 'immune', mitigation: { state: 'in-force' } })
    expect(exitCode).toBe(0)
    const rows = result.sweep?.tried ?? []
    expect(rows).toHaveLength(4)
    for (const { leftOut, signals, entered, returned, steps } of rows) {
      expect(leftOut.blocked).toBeGreaterThan(1000)
      expect(signals).toBeGreaterThan(5000)
      expect([entered, returned]).toEqual([signals, signals])
      expect(signals).toBeGreaterThanOrEqual(0.99 * (steps - leftOut.repeated - leftOut.blocked))
    }
  })

  it('holds while the program runs by itself, which hangs within a second or two without it', async () => {
    const flags = [...ORIGINAL, '--experiment', 'natural', '--duration', '10s']
    const { result } = await runCellFromCommandLine([...flags, ...GUARD])
    expect(result).toMatchObject({ outcome: 'clean', mitigation: { state: 'in-force' } })
    expect(result.counts.throws).toBeGreaterThan(100_000)
    expect(result.headline).toMatch(/^With the guard in force: /)
  })
})

describe('a guard that covers the lock alone', () => {
  let folder = ''
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'guard-'))
    await chmod(folder, 0o755) // the program is not root, and the loader passes over what it can't read
    const flags = ['-O2', '-shared', '-fPIC', '-nostdlib', '-DGUARD_LOCKS_ONLY']
    const links = ['-Wl,--no-as-needed', '-l:libdl.so.2']
    await run('cc', [...flags, '-o', join(folder, 'guard.so'), SOURCE, ...links])
  })
  afterAll(() => rm(folder, { recursive: true }))

  it('is no fix: the sweep finds the livelock in libgcc’s list', async () => {
    const options = [`--volume=${folder}:/guard:ro`, '--env=LD_PRELOAD=/guard/guard.so']
    const { result } = await runCellFromCommandLine([
      ...ORIGINAL,
      ...SWEEP,
      ...['--run-options', options.join('\n')],
    ])
    const [failure] = result.sweep?.failures ?? []
    expect(result.sweep?.way?.files).toContain('/guard/guard.so')
    expect(['livelock', 'crash', 'terminated']).toContain(failure?.kind)
    expect(failure?.at?.file).toMatch(/libgcc_s\.so\.1$/)
  })
})

describe('the guard elsewhere', () => {
  it('says so for an unwinder that has no use for it, whose verdict is its own', async () => {
    const { result } = await runCellFromCommandLine(['--glibc-version', '2.41', ...SWEEP, ...GUARD])
    expect(result).toMatchObject({ outcome: 'immune', mitigation: { state: 'idle' } })
    expect(result.sweep?.tried.map(({ leftOut }) => leftOut.blocked)).toEqual([0, 0, 0, 0])
    expect(result.warnings.join()).toMatch(/of no use to this unwinder/)
  })

  it('covers an old unwinder that is linked in, on the newest glibc', async () => {
    const { result } = await runCellFromCommandLine([
      ...['--glibc-version', '2.43', '--base-image', 'debian:sid', '--gcc-version', '11'],
      ...['--libgcc', 'static', ...SWEEP, ...GUARD],
    ])
    expect(result).toMatchObject({ outcome: 'immune', mitigation: { state: 'in-force' } })
  })

  it('never counts as held where it was not in force: a static program', async () => {
    const flags = ['--image', 'debian:bookworm', '--experiment', 'natural', '--duration', '4s']
    const script = `$|=1; while (1) { print "x\\n"; select(undef, undef, undef, 0.05) }`
    const { result, exitCode } = await runCellFromCommandLine([
      ...flags,
      ...GUARD,
      // The preload is dropped for the program itself, as a static one would drop it.
      ...['--command', `env -u LD_PRELOAD perl -e '${script}'`],
    ])
    expect(result).toMatchObject({ outcome: 'inconclusive', mitigation: { state: 'absent' } })
    expect(exitCode).toBe(3)
    expect(result.headline).toMatch(/^The guard was not in force/)
  })
})
