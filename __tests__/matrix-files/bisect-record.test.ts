import { mkdir, mkdtemp, readdir } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { beforeEach, expect, it } from 'vitest'
import { SILENT } from '../../src/log.js'
import { openBisect, writeBisect } from '../../src/matrix-files/bisect-record.js'
import { makeQuestion, makeRecord, makeTest } from '../helpers/bisect.js'

const tests = [makeTest('1.4', 'bad')]
let folder: string
let warnings: string[]

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'bisect-record-'))
  await mkdir(join(folder, 'cells', '1.4'), { recursive: true })
  warnings = []
})

function open(question = makeQuestion(), fresh = false): ReturnType<typeof openBisect> {
  const log = { ...SILENT, warning: (message: string) => void warnings.push(message) }
  return openBisect(folder, question, { fresh, log })
}

it('goes on with an interrupted bisection of the same question', async () => {
  await writeBisect(folder, makeRecord({ tests }))
  expect(await open()).toEqual(makeRecord({ tests }))
  expect(await readdir(folder)).toEqual(['bisect.json', 'cells'])
})

it('begins anew when asked to, when the earlier one was finished, and when there is none', async () => {
  expect((await open()).tests).toEqual([])
  expect(await readdir(folder)).toEqual(['cells'])
  await writeBisect(folder, makeRecord({ tests }))
  expect((await open(makeQuestion(), true)).tests).toEqual([])
  await writeBisect(folder, makeRecord({ tests, finishedAt: '2026-01-02T03:04:05.000Z' }))
  expect((await open()).tests).toEqual([])
  expect(await readdir(folder)).toEqual(['bisect.json'])
  expect(warnings).toEqual([])
})

it('takes no answer to another question, and says what it gives up', async () => {
  await writeBisect(folder, makeRecord({ tests }))
  expect((await open(makeQuestion({ inputs: { libgcc: 'static' } }))).tests).toEqual([])
  expect(warnings.join()).toContain('something else (axis go, 1 tests); it is given up')
})
