import { appendFile, cp, mkdtemp, readFile, readdir, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { beforeAll, expect, it } from 'vitest'
import type { BisectRecord } from '../../src/bisect/record.js'
import { scrubEnvironment } from '../../src/environment.js'
import { runBisect } from '../../src/experiment/bisect.js'
import type { BisectEvent } from '../../src/experiment/bisect.js'
import { listPoints } from '../../src/experiment/bisect-points.js'
import { SILENT } from '../../src/log.js'
import { openBisect } from '../../src/matrix-files/bisect-record.js'
import { VULNERABLE } from '../helpers/images.js'
import { makeRepository } from '../helpers/repository.js'
import type { Repository } from '../helpers/repository.js'
import { ROOT } from '../helpers/runner.js'
import { parseInputTexts } from '../helpers/step-inputs.js'

const BISECT_MS = 900_000
const COMMITS = 16
const PLANTED = 11
const INPUTS = { ...VULNERABLE, experiment: 'sweep' }

let repository: Repository
let module: string

/** The safe symbolizer in a folder of a repository; from one commit on its handler enters libgcc's unwinder. */
beforeAll(async () => {
  repository = await makeRepository()
  module = join(repository.folder, 'symbolizer')
  await cp(join(ROOT, 'native', 'symbolizers', 'framepointer'), module, { recursive: true })
  for (let number = 1; number <= COMMITS; number += 1) {
    await appendFile(join(module, 'traceback.c'), `// ${number}\n`)
    if (number === PLANTED) await plantUnwinder()
    await repository.commit(number === PLANTED ? 'plant the unwinder' : `change ${number}`)
  }
})

async function plantUnwinder(): Promise<void> {
  const file = join(module, 'traceback.c')
  const handler = 'void framepointer_traceback(void *argument) {'
  const count =
    '#include <unwind.h>\nstatic _Unwind_Reason_Code count(struct _Unwind_Context *context, void *frames) {\n' +
    '  (void)context;\n  ++*(int *)frames;\n  return _URC_NO_REASON;\n}\n'
  const text = await readFile(file, 'utf8')
  const planted = `${count}${handler}\n  int frames = 0;\n  _Unwind_Backtrace(count, &frames);\n`
  await writeFile(file, text.replace(handler, planted))
}

interface Bisection {
  readonly folder: string
  readonly ends: { readonly good: string; readonly bad: string }
  readonly knownEnds?: boolean
  readonly signal?: AbortSignal
  readonly tell: (event: BisectEvent) => void
}

/** What the command line does, without its words. */
async function bisect({ folder, ends, knownEnds, signal, tell }: Bisection): Promise<BisectRecord> {
  const deps = {
    ...{ env: scrubEnvironment(process.env), cwd: folder, log: SILENT },
    signal: signal ?? new AbortController().signal,
  }
  const asked = { ...ends, repository: module }
  const question = {
    ...{ axis: 'symbolizer' as const, ...asked, inputs: INPUTS, tool: '0' },
    knownEnds: knownEnds === true,
    ...(await listPoints('symbolizer', asked, parseInputTexts(INPUTS), deps)),
  }
  const record = await openBisect(folder, question, { fresh: false, log: SILENT })
  return runBisect({ record, folder, tell }, deps)
}

function tested(events: readonly BisectEvent[]): string[] {
  return events.flatMap((event) => (event.kind === 'tested' ? [event.test.point] : []))
}

it(
  'finds a planted commit among 16 in at most 5 builds, and after an interruption tests none again',
  async () => {
    const folder = await mkdtemp(join(tmpdir(), 'bisect-'))
    const ends = { good: `main~${COMMITS - 1}`, bad: 'main' }
    const before = await repository.git('status', '--porcelain')
    const events: BisectEvent[] = []
    const controller = new AbortController()
    const interrupted = bisect({
      ...{ folder, ends, signal: controller.signal },
      tell: (event) => {
        events.push(event)
        if (event.kind === 'stage' && tested(events).length === 1) controller.abort()
      },
    })
    await expect(interrupted).rejects.toThrow()
    expect(tested(events)).toHaveLength(1)

    const record = await bisect({ folder, ends, tell: (event) => events.push(event) })
    expect(record.question.points).toHaveLength(COMMITS)
    expect(record.conclusion?.kind).toBe('found')
    expect(record.conclusion?.sentences.join(' ')).toMatch(
      /^The first bad commit is [0-9a-f]{12} “plant the unwinder” \(2024-03-02\): .* is good \(immune\)\.$/,
    )
    expect(record.tests.map(({ point }) => point)).toEqual(tested(events))
    expect(new Set(tested(events)).size).toBe(tested(events).length)
    const builds = await readdir(join(folder, 'images'))
    expect(builds.length).toBeLessThanOrEqual(5)
    expect(builds.toSorted()).toEqual(tested(events).toSorted())
    expect((await readdir(folder)).toSorted()).toEqual(['bisect.json', 'cells', 'images'])
    expect(await repository.git('status', '--porcelain')).toBe(before)
  },
  BISECT_MS,
)

it(
  'goes round a commit that does not compile',
  async () => {
    const folder = await mkdtemp(join(tmpdir(), 'bisect-'))
    await repository.git('checkout', '--quiet', '-b', 'broken', `main~${COMMITS - PLANTED}`)
    const file = join(module, 'traceback.c')
    const text = await readFile(file, 'utf8')
    await repository.commit('break the build', { 'symbolizer/traceback.c': `${text}int broken\n` })
    await repository.commit('mend it', { 'symbolizer/traceback.c': `${text}// mended\n` })
    const events: BisectEvent[] = []
    const record = await bisect({
      ...{ folder, ends: { good: 'broken~3', bad: 'broken' }, knownEnds: true },
      tell: (event) => events.push(event),
    })
    expect(record.tests.map(({ answer }) => answer)).toEqual(['untestable', 'bad'])
    expect(record.tests[0]?.headline).toMatch(/failed .*Compiling the program/)
    expect(record.conclusion?.kind).toBe('found')
    expect(record.conclusion?.sentences[0]).toContain('“plant the unwinder”')
    const broken = record.tests[0]?.point ?? ''
    const reason = await readFile(join(folder, 'cells', broken, 'error.txt'), 'utf8')
    expect(reason).toContain('traceback.c')
  },
  BISECT_MS,
)
