import { execFileSync } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest'
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

let folder: Awaited<ReturnType<typeof makeFolder>>
let gate = ''
let tracer = ''
const children: Child[] = []

beforeAll(async () => {
  folder = await makeFolder()
  gate = await buildNative('gate', folder.path)
  tracer = await compile(join(PROGRAMS, 'tracer.c'), join(folder.path, 'tracer'))
}, 60_000)
afterEach(() => Promise.all(children.splice(0).map(end)))
afterAll(() => folder.remove())

function keep(child: Child): Stream<string> {
  children.push(child)
  return followLines(child)
}

function name(pid: number): string {
  return readFileSync(`/proc/${pid}/comm`, 'utf8').trim()
}

it('holds a program until it is traced, then is it, arguments and environment unchanged', async () => {
  const held = keep(start(gate, ['sh', '-c', 'echo "$0|$1|$GIVEN"', 'a b', '']))
  const pid = held.child.pid!
  await new Promise((resolve) => setTimeout(resolve, 100))
  expect(name(pid)).toBe('gate-waits')
  expect(held.seen).toEqual([])
  const opened = keep(start(tracer, ['--exec', String(pid)]))
  expect(await opened.next((line) => line !== '')).toMatch(/^\/.*sh$/)
  expect(await held.next((line) => line !== '')).toBe('a b||')
  expect(await ended(held.child)).toEqual([0, null])
})

it.each([
  ['no-such-program', 127],
  ['/etc/passwd', 126],
])('ends with a shell’s code when %s cannot be run', async (program, code) => {
  const held = keep(start(gate, [program]))
  keep(start(tracer, ['--exec', String(held.child.pid)]))
  expect(await ended(held.child)).toEqual([code, null])
})

it('needs no library of its own in the image', () => {
  const headers = execFileSync('readelf', ['-l', gate], { encoding: 'utf8' })
  expect(headers).not.toContain('INTERP')
})

async function ended(child: Child): Promise<unknown[]> {
  if (child.exitCode !== null) return [child.exitCode, child.signalCode]
  return once(child, 'exit')
}
