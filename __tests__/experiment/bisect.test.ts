import { chmod, mkdtemp, readFile, readdir, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { beforeEach, expect, it } from 'vitest'
import { BisectRecord } from '../../src/bisect/record.js'
import { runBisect } from '../../src/experiment/bisect.js'
import { SILENT } from '../../src/log.js'
import { makeQuestion, makeRecord, makeTest } from '../helpers/bisect.js'

let folder: string
let bin: string

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'bisect-run-'))
  bin = await mkdtemp(join(tmpdir(), 'engine-'))
})

/** An engine that answers, has no image and gets none. */
async function makeEngine(onInspect: string): Promise<void> {
  const file = join(bin, 'docker')
  const script = `#!/bin/sh
[ -e ${bin}/gone ] && { echo 'Cannot connect to the Docker daemon' >&2; exit 1; }
case "$1" in
  version) echo 28.0.0 ;;
  buildx) ;;
  context) echo default ;;
  *) ${onInspect}; echo "no such image" >&2; exit 1 ;;
esac
`
  await writeFile(file, script)
  await chmod(file, 0o755)
}

const points = ['1.17.11', '1.17.12', '1.17.13'].map((go) => ({
  ...{ id: go, name: `Go ${go}`, inputs: { 'go-version': go }, revision: null },
}))

function run(tests: BisectRecord['tests'] = []): Promise<BisectRecord> {
  const question = makeQuestion({ points, inputs: { 'glibc-version': '2.31' } })
  const deps = {
    ...{ env: { PATH: bin }, cwd: folder, log: SILENT, signal: new AbortController().signal },
    ask: () => Promise.resolve({ kind: 'missing' as const }),
  }
  return runBisect({ record: makeRecord({ question, tests }), folder, tell: () => undefined }, deps)
}

async function written(): Promise<BisectRecord> {
  return BisectRecord.parse(JSON.parse(await readFile(join(folder, 'bisect.json'), 'utf8')))
}

it('goes round what can’t be built, keeps the reason, and says so at the end', async () => {
  await makeEngine(':')
  const record = await run()
  expect(record.tests.map(({ point, answer }) => `${point} ${answer}`).toSorted()).toEqual(
    points.map(({ id }) => `${id} untestable`),
  )
  expect(record.tests[0]?.headline).toMatch(/is not here and can't be pulled/)
  expect(record.conclusion?.kind).toBe('among')
  expect(await written()).toEqual(record)
  expect((await readdir(join(folder, 'cells'))).toSorted()).toEqual(points.map(({ id }) => id))
})

it('blames no point for an engine that has gone, and remembers what it had', async () => {
  await makeEngine(`: > ${bin}/gone`)
  const tests = [makeTest('1.17.12', 'good')]
  await expect(run(tests)).rejects.toThrow(/No container engine answers|does not answer any more/)
  expect((await written()).tests).toEqual(tests)
  expect((await written()).finishedAt).toBe(null)
})

it('only concludes when all is known', async () => {
  await makeEngine(':')
  const record = await run([makeTest('1.17.12', 'good'), makeTest('1.17.13', 'bad')])
  expect(record.tests).toHaveLength(2)
  expect(record.conclusion?.points).toEqual(['1.17.13'])
})
