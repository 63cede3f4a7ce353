import { mkdtemp, readFile, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { makeBuildLog } from '../../src/image/build-log.js'

async function logFile(): Promise<string> {
  return join(await mkdtemp(join(tmpdir(), 'build-log-')), 'build.log')
}

describe('makeBuildLog', () => {
  it('labels whole lines of builds that write at the same time', async () => {
    const path = await logFile()
    const log = makeBuildLog(path)
    const seen: string[] = []
    const a = log.open('a', (line) => seen.push(line))
    const b = log.open('b', (line) => seen.push(line))
    a.add(Buffer.from('one\ntw'))
    b.add(Buffer.from('three\n'))
    a.add(Buffer.from('o\nrest'))
    expect(a.tail()).toBe('one\ntwo\nrest')
    await log.close()
    expect(await readFile(path, 'utf8')).toBe('a | one\nb | three\na | two\na | rest\n')
    expect(seen).toEqual(['one', 'three', 'two'])
  })

  it('is bounded, and says where it was cut', async () => {
    const path = await logFile()
    const log = makeBuildLog(path)
    const stream = log.open('a', () => undefined)
    const line = Buffer.from(`${'x'.repeat(1023)}\n`)
    for (let n = 0; n < 20 * 1024; n++) stream.add(line)
    stream.add(Buffer.from('the end\n'))
    expect(stream.tail()).toMatch(/\nthe end\n$/)
    await log.close()
    expect((await stat(path)).size).toBeLessThan(17 * 1024 * 1024)
    expect(await readFile(path, 'utf8')).toMatch(/\[… the rest is left out …\]\n$/)
  })
})
