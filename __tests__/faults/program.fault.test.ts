import { readFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect } from 'vitest'
import { Result } from '../../src/result/schema.js'
import { runStep } from '../helpers/runner.js'
import type { StepRun } from '../helpers/runner.js'
import { testFault } from './fault.js'
import type { Fault } from './fault.js'
import { makeProgramImage, removeImage } from '../helpers/images.js'

const MEMORY_MIB = 150
const WORKING =
  'while (1) { $x += $_ for 1..1e5; print "$x\\n"; select(undef, undef, undef, 0.05) }'

let threads: string

beforeAll(async () => {
  threads = await makeProgramImage({ source: 'threads' })
})
afterAll(() => removeImage(threads))

/** Watches a Perl program for a few seconds; it has no quotes of the other kind in it. */
function watchPerl(program: string, inputs: Record<string, string> = {}): Promise<StepRun> {
  return runStep('run', {
    inputs: {
      image: 'debian:trixie',
      command: `perl -e '$|=1; ${program}'`,
      experiment: 'natural',
      duration: '5s',
      'stall-timeout': '2s',
      upload: 'never',
      ...inputs,
    },
  })
}

function resultOf(step: StepRun): Result {
  return Result.parse(JSON.parse(readFileSync(step.outputs['result-path'] ?? '', 'utf8')))
}

function outputOf(step: StepRun): Buffer {
  return readFileSync((step.outputs['result-path'] ?? '').replace('result.json', 'output.log'))
}

const FAULTS: readonly Fault[] = [
  {
    name: 'exits at once',
    limitSeconds: 30,
    exitCode: 0,
    outcome: 'exited',
    says: [/ended by itself after .* with exit code 0/],
    run: () => watchPerl('exit 0'),
  },
  {
    name: 'is killed for want of memory',
    limitSeconds: 60,
    exitCode: 1,
    outcome: 'inconclusive',
    says: ['ran out of memory and was killed', /more memory/i],
    run: () =>
      watchPerl('print "up\\n"; push @x, "a" x 1e6 while 1', { 'run-options': '--memory 64m' }),
  },
  {
    name: 'crashes with SIGSEGV',
    limitSeconds: 60,
    exitCode: 1,
    outcome: 'crash',
    says: ['SIGSEGV'],
    evidence: ['threads.txt', 'output.log'],
    run: () => watchPerl('print "up\\n"; kill "SEGV", $$; sleep 9'),
  },
  {
    name: 'ignores SIGTERM and SIGINT',
    limitSeconds: 60,
    exitCode: 0,
    outcome: 'clean',
    says: ['No deadlock'],
    run: () => watchPerl(`$SIG{TERM} = $SIG{INT} = $SIG{QUIT} = "IGNORE"; ${WORKING}`),
  },
  {
    name: 'leaves children of its own',
    limitSeconds: 60,
    exitCode: 0,
    outcome: 'exited',
    says: ['exit code 0'],
    run: () =>
      watchPerl(
        'for (1..20) { fork or do { $SIG{TERM} = "IGNORE"; sleep 1000; exit } } print "up\\n"; exit 0',
      ),
  },
  {
    name: 'closes its output',
    limitSeconds: 60,
    exitCode: 1,
    outcome: 'stalled',
    says: ['printed nothing for', /no deadlock is proven/i],
    evidence: ['threads.txt'],
    run: () => watchPerl('close STDOUT; close STDERR; sleep 1000'),
  },
  {
    name: 'writes 1 GiB',
    limitSeconds: 120,
    exitCode: 0,
    outcome: 'exited',
    says: ['exit code 0'],
    evidence: ['output.log'],
    run: () => watchPerl('print "x" x 1023, "\\n" for 1..1048576', { duration: '100s' }),
    check: (step) => {
      expect(resultOf(step).counts.outputLines).toBe(1_048_576)
      expect(outputOf(step).length).toBeLessThan(2 * 1024 ** 2)
      expect(step.peakMiB).toBeLessThan(MEMORY_MIB)
    },
  },
  {
    name: 'writes one line of 100 MB',
    limitSeconds: 60,
    exitCode: 0,
    outcome: 'exited',
    says: ['exit code 0'],
    evidence: ['output.log'],
    run: () => watchPerl('print "x" x 1e6 for 1..100; print "\\nlast words\\n"'),
    check: (step) => {
      expect(outputOf(step).length).toBeLessThan(2 * 1024 ** 2)
      expect(outputOf(step).toString()).toContain('last words')
      expect(step.peakMiB).toBeLessThan(MEMORY_MIB)
    },
  },
  {
    name: 'writes binary junk and half of UTF-8',
    limitSeconds: 60,
    exitCode: 0,
    outcome: 'exited',
    says: ['exit code 0'],
    evidence: ['output.log'],
    run: () =>
      watchPerl(
        'srand 7; for (1..5000) { print map { chr int rand 256 } 1..100 } print "\\xe2\\x82"',
      ),
    check: (step) => {
      expect(outputOf(step).length).toBeGreaterThan(500_000)
      expect(step.summary).not.toMatch(/[^\P{Cc}\n\t]/u)
    },
  },
  {
    name: 'has 5,000 threads',
    limitSeconds: 120,
    exitCode: 0,
    outcome: 'clean',
    says: ['No deadlock'],
    run: () =>
      runStep('run', {
        inputs: {
          image: threads,
          command: '5000',
          experiment: 'natural',
          duration: '5s',
          upload: 'never',
        },
      }),
    check: (step) => {
      expect(outputOf(step).toString()).toContain('5000 threads')
      expect(step.peakMiB).toBeLessThan(MEMORY_MIB)
    },
  },
]

describe('a program that', () => {
  FAULTS.forEach(testFault)
})
