import { existsSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { execa } from 'execa'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { findEngine } from '../../src/engine.js'
import { scrubEnvironment } from '../../src/environment.js'
import { gdbArguments } from '../../src/gdb/command.js'
import { parseDump } from '../../src/gdb/dump.js'
import { ensureImage } from '../../src/image/base.js'
import { SILENT } from '../../src/log.js'

const SCRIPT = join(import.meta.dirname, '../../native/gdb/dump.py')
const BASE = 'docker.io/library/debian:bullseye'
const NAME = `gdb-other-root-${process.pid}`

beforeAll(async () => {
  const env = scrubEnvironment(process.env)
  const engine = await findEngine('docker', env)
  const image = await ensureImage(BASE, {
    engine,
    env,
    log: SILENT,
    folder: tmpdir(),
    imageRegistry: undefined,
    aptMirror: undefined,
  })
  await execa('docker', ['run', '-d', '--name', NAME, '--network', 'none', image, 'sleep', '600'])
})

afterAll(async () => {
  await execa('docker', ['rm', '-f', NAME], { reject: false })
})

describe('native/gdb/dump.py on a process with another root', () => {
  it("looks into the process's own files where this host has others of the same path", async () => {
    expect(existsSync('/bin/sleep') && existsSync('/lib64/ld-linux-x86-64.so.2')).toBe(true)
    const inspected = await execa('docker', ['inspect', '-f', '{{.State.Pid}}', NAME])
    const pid = Number(inspected.stdout)
    const args = gdbArguments({ target: { pid }, script: SCRIPT, mode: 'full' })
    const { stdout } = await execa('gdb', args, { reject: false })
    const lines = stdout.split('\n')
    const { process, complete } = parseDump(lines)
    expect(complete).toBe(true)
    expect(stdout).toContain('"libc":"2.31"')
    expect(process).toMatchObject({ executable: '/bin/sleep', unread: [] })
    expect(process.libraries.map(({ path }) => path)).toContain('/lib/x86_64-linux-gnu/ld-2.31.so')
    expect(process.libraries.filter(({ symbols }) => !symbols)).toEqual([])
    expect(process.threads).toEqual([
      expect.objectContaining({
        lwp: pid,
        wait: expect.objectContaining({ kind: 'sleep' }) as unknown,
      }),
    ])
    expect(stdout).toContain(`"lwp":${pid},"tid":1,`)
  })
})
