import { startVitest } from 'vitest/node'
import type { FaultRecord } from '../__tests__/faults/fault.js'
import { code, markdownText, table, text } from '../src/report/markdown.js'
import { keepTable } from './reliability-doc.js'

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
  await keepTable('faults', faultsTable(seen), 'npm run reliability')
  const failed = tests.filter((test) => test.result().state !== 'passed').length
  process.exitCode = failed === 0 ? 0 : 1
}

function faultsTable(seen: readonly Seen[]): string {
  return markdownText(
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
  )
}

function firstLine(said: string): string {
  const [line = ''] = said.split('\n')
  return line.length > 200 ? `${line.slice(0, 200)}…` : line
}

await recordFaults()
