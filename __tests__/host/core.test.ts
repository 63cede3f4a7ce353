import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { readBuildId, withFile } from '../../src/host/build-id.js'
import { parseCore, readCoreFile } from '../../src/host/core-file.js'
import { readCorePattern } from '../../src/host/core-hope.js'
import { compile, end, followLines, makeFolder, PROGRAMS, start } from '../helpers/native.js'

const run = promisify(execFile)
let folder: Awaited<ReturnType<typeof makeFolder>>

beforeAll(async () => {
  folder = await makeFolder()
})
afterAll(() => folder.remove())

describe('readCoreFile', () => {
  it('finds the program and all mapped files in a core that gdb wrote', async () => {
    const program = await compile(join(PROGRAMS, 'abba.c'), join(folder.path, 'abba'))
    const { child } = followLines(start(program))
    const core = join(folder.path, 'core')
    await run('gdb', ['-batch', '-nx', '-p', String(child.pid), '-ex', `gcore ${core}`])
    await end(child)
    const found = readCoreFile(core)
    expect(found?.executable).toBe(program)
    expect(found?.files).toContain(program)
    expect(found?.files.some((file) => /\/libc[.-]/.test(file))).toBe(true)
    expect(new Set(found?.files).size).toBe(found?.files.length)
    const [libc = ''] = found?.files.filter((file) => /\/libc[.-]/.test(file)) ?? []
    expect(found?.buildIds.get(program)).toBe(withFile(program, readBuildId))
    expect(found?.buildIds.get(libc)).toBe(withFile(libc, readBuildId))
    expect(found?.buildIds.get(libc)).toMatch(/^[0-9a-f]{40}$/)
  }, 60_000)

  it('is null for what is no core', () => {
    expect(readCoreFile('/etc/passwd')).toBeNull()
    expect(readCoreFile(process.execPath)).toBeNull()
    expect(readCoreFile(folder.path)).toBeNull()
    expect(readCoreFile('/nonexistent')).toBeNull()
  })

  it('never throws on a core that is cut or lies', () => {
    const header = Buffer.alloc(64)
    header.set([0x7f, 0x45, 0x4c, 0x46, 2, 1])
    header.writeUInt16LE(4, 16)
    header.writeUInt16LE(1, 56)
    header.writeBigUInt64LE(64n, 32)
    const segment = Buffer.alloc(56)
    segment.writeUInt32LE(4, 0)
    segment.writeBigUInt64LE(120n, 8)
    segment.writeBigUInt64LE(40n, 32)
    const note = Buffer.alloc(40)
    note.writeUInt32LE(0xffffff00, 0)
    note.writeUInt32LE(0xffffff00, 4)
    const whole = Buffer.concat([header, segment, note])
    for (let length = 0; length <= whole.length; length += 1) {
      const bytes = whole.subarray(0, length)
      const read = (offset: number, count: number): Buffer => bytes.subarray(offset, offset + count)
      const found = parseCore(read)
      expect(found === null || found.files.length === 0).toBe(true)
    }
  })
})

describe('readCorePattern', () => {
  it.each<[string, boolean, string, string[], boolean]>([
    ['core', false, '/work', ['core'], true],
    ['core', true, '/work', ['core.12'], false],
    ['core.%p', true, '/work', ['core.12'], false],
    ['/var/crash/core-%e-%p.%t', false, '/var/crash', ['core-a b-12.34'], false],
    ['a+%%', false, '/work', ['a+%'], true],
  ])('%s (with pid: %s) is a file in %s', (pattern, usesPid, place, names, fixed) => {
    const found = readCorePattern(pattern, usesPid, '/work')
    expect(found).toMatchObject({ folder: place, fixed })
    for (const name of names) expect(name).toMatch(found!.names)
    expect('score').not.toMatch(found!.names)
    expect('core.txt').not.toMatch(found!.names)
  })

  it.each(['|/usr/share/apport/apport %p', '', '/var/%u/core', 'cores/'])(
    '%j leads nowhere that we could look',
    (pattern) => {
      expect(readCorePattern(pattern, false, '/work')).toBeNull()
    },
  )
})
