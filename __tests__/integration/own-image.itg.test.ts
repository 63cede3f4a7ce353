import { describe, expect, it } from 'vitest'
import type { CommandLineRun } from '../helpers/command-line.js'
import { runCellFromCommandLine } from '../helpers/command-line.js'
import { leftContainers } from '../helpers/leftovers.js'

/** Watches a Perl program in a Debian image: it has nothing of ours in it, and nothing is built. */
async function watchPerl(program: string, ...flags: string[]): Promise<CommandLineRun> {
  const command = `perl -e '$|=1; ${program}'`
  const image = ['--image', 'debian:bookworm', '--command', command]
  const limits = ['--experiment', 'natural', '--duration', '4s', '--stall-timeout', '2s']
  return runCellFromCommandLine([...image, ...limits, ...flags])
}

describe('an image of the user’s own', () => {
  it('that works and talks is clean, by what its threads did', async () => {
    const { result, exitCode } = await watchPerl(
      'while (1) { $x += $_ for 1..1e5; print "$x\\n"; select(undef, undef, undef, 0.05) }',
    )
    expect(result.outcome).toBe('clean')
    expect(exitCode).toBe(0)
    expect(result.counts).toMatchObject({ throws: null, signals: null })
    expect(await leftContainers(result.id)).toEqual([])
  })

  it('that falls silent is stalled: no deadlock is claimed where none is seen', async () => {
    const { result, exitCode } = await watchPerl('print "up\\n"; sleep 1000')
    expect(result.outcome).toBe('stalled')
    expect(result.ending.reason).toBe('silent')
    expect(result.ending.atMs).toBeLessThan(4_000)
    expect(exitCode).toBe(2)
    expect(result.evidence.map(({ name }) => name)).toContain('threads.txt')
  })

  it('that ends by itself is exited, with its code', async () => {
    const passed = await watchPerl('print "done\\n"; exit 0')
    expect(passed.result).toMatchObject({ outcome: 'exited', conclusion: 'pass' })
    const failed = await watchPerl('print "bad\\n"; exit 7')
    expect(failed.result).toMatchObject({ outcome: 'exited', conclusion: 'fail' })
    expect(failed.result.headline).toContain('7')
  })

  it('that crashes is a crash, explained by one more run that a debugger holds at the signal', async () => {
    const { result } = await watchPerl('print "up\\n"; kill "SEGV", $$; sleep 9')
    expect(result.outcome).toBe('crash')
    expect(result.diagnosis?.class).toBe('crash')
    expect(result.headline).toContain('SIGSEGV')
    expect(result.warnings).toEqual([])
    expect(result.evidence.map(({ name }) => name)).toContain('threads.txt')
    expect(await leftContainers(result.id)).toEqual([])
  })

  it('that is not to be had is an error that names it, not an outcome', async () => {
    await expect(runCellFromCommandLine(['--image', 'localhost:1/no/such:image'])).rejects.toThrow(
      'localhost:1/no/such:image',
    )
  })
})
