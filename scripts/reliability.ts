import { writeFile } from 'node:fs/promises'
import { arch, cpus, release, totalmem } from 'node:os'
import { join } from 'node:path'
import { startVitest } from 'vitest/node'
import type { FaultRecord } from '../__tests__/faults/fault.js'
import { code, markdownText, paragraph, table, text } from '../src/report/markdown.js'

const ROOT = join(import.meta.dirname, '..')

/** One fault as its test saw it. */
interface Seen {
  readonly record: FaultRecord
  readonly passed: boolean
}

/** Runs all fault tests and keeps what they saw in docs/reliability.md. Any that does not pass is a failure. */
async function recordFaults(): Promise<void> {
  const vitest = await startVitest('test', [], { project: ['fault'], watch: false })
  const tests = vitest.state.getTestModules().flatMap((module) => [...module.children.allTests()])
  const seen = tests.flatMap((test): Seen[] => {
    const record = test.meta().fault
    return record === undefined ? [] : [{ record, passed: test.result().state === 'passed' }]
  })
  await vitest.close()
  await writeFile(join(ROOT, 'docs', 'reliability.md'), reliabilityText(seen))
  const failed = tests.filter((test) => test.result().state !== 'passed').length
  process.exitCode = failed === 0 ? 0 : 1
}

function reliabilityText(seen: readonly Seen[]): string {
  const machine = `${cpus().length} cores, ${Math.round(totalmem() / 1024 ** 3)} GiB, Linux ${release()} ${arch()}`
  const children = [
    paragraph(
      text('Each fault is really made by '),
      code('npm run test:faults'),
      text(
        ' (__tests__/faults/), and the step must end in time, with the right outcome or error, with its evidence ' +
          'written, with a message that says what to do, and with no container and no process left. Made by ',
      ),
      code('npm run reliability'),
      text(
        ` on ${new Date().toISOString().slice(0, 10)}: ${machine}, Node ${process.versions.node}.`,
      ),
    ),
    table(
      ['fault', 'ended after', 'limit', 'how', 'what the step said', 'as it must'],
      seen.map(({ record, passed }) => [
        [text(record.name)],
        [text(`${record.seconds.toFixed(1)} s`)],
        [text(`${record.limitSeconds} s`)],
        [text(record.end)],
        [code(firstLine(record.said))],
        [text(passed ? 'yes' : 'no')],
      ]),
    ),
  ]
  return `# Reliability\n\n${markdownText({ type: 'root', children })}`
}

function firstLine(said: string): string {
  const [line = ''] = said.split('\n')
  return line.length > 200 ? `${line.slice(0, 200)}…` : line
}

await recordFaults()
