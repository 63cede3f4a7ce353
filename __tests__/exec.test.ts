import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { CommandError } from '../src/errors.js'
import { runCommand, startCommand, startDetached } from '../src/exec.js'

const env = { PATH: process.env['PATH'] ?? '' }

describe('runCommand', () => {
  it('gives what the program printed', async () => {
    const { stdout, exitCode } = await runCommand('cat', [], { env, input: 'abc', deadlineMs: 9e3 })
    expect({ stdout, exitCode }).toEqual({ stdout: 'abc', exitCode: 0 })
  })

  it('starts no shell: metacharacters arrive as they are', async () => {
    const { stdout } = await runCommand('printf', ['%s', '$(id) `id` ; | &'], {
      env,
      deadlineMs: 9e3,
    })
    expect(stdout).toBe('$(id) `id` ; | &')
  })

  it('hands on only the environment it is given', async () => {
    process.env['SECRET_FOR_THIS_TEST'] = 'x'
    const { stdout } = await runCommand('env', [], { env, deadlineMs: 9e3 })
    expect(stdout).not.toContain('SECRET_FOR_THIS_TEST')
  })

  it('names command, code and last words when it fails', async () => {
    const failing = runCommand('sh', ['-c', 'echo broken >&2; exit 3'], { env, deadlineMs: 9e3 })
    await expect(failing).rejects.toThrow(/^sh -c: exit code 3: broken$/)
    await expect(failing).rejects.toBeInstanceOf(CommandError)
  })

  it('says that a program is not there', async () => {
    await expect(runCommand('no-such-program', [], { env, deadlineMs: 9e3 })).rejects.toThrow(
      'not found on the PATH',
    )
  })

  it('ends a program that runs past its deadline', async () => {
    await expect(runCommand('sleep', ['60'], { env, deadlineMs: 100 })).rejects.toThrow(
      'no answer within 0.1 s',
    )
  })

  it('keeps head and tail of more output than fits, in bounded memory', async () => {
    const script = 'echo first; head -c 30000000 /dev/zero | tr "\\0" x; echo; echo last'
    const { stdout } = await runCommand('sh', ['-c', script], { env, deadlineMs: 60e3 })
    expect(stdout.startsWith('first\n')).toBe(true)
    expect(stdout.endsWith('last\n')).toBe(true)
    expect(stdout).toContain('bytes left out')
    expect(stdout.length).toBeLessThan(9 * 1024 * 1024)
  })
})

describe('startCommand', () => {
  it('can be stopped, and says so', async () => {
    const running = startCommand('sleep', ['60'], { env })
    running.stop()
    expect((await running.finished).cancelled).toBe(true)
  })

  it('can be talked to', async () => {
    let heard = ''
    const running = startCommand('cat', [], {
      env,
      keepInput: true,
      onOutput: (chunk) => {
        heard += chunk.toString()
        running.stop()
      },
    })
    running.write('hello')
    await running.finished
    expect(heard).toBe('hello')
  })
})

describe('startDetached', () => {
  it('leaves a program running in a session of its own, its output in the file', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'detached-'))
    const logFile = join(folder, 'log')
    const pid = await startDetached('sh', ['-c', 'echo up; exec sleep 60'], { env, logFile })
    try {
      const stat = await readFile(`/proc/${pid}/stat`, 'utf8')
      const session = /\) \S+ \d+ \d+ (\d+)/.exec(stat)?.[1]
      expect(Number(session)).toBe(pid)
      await expect.poll(() => readFile(logFile, 'utf8')).toBe('up\n')
    } finally {
      process.kill(pid)
      await rm(folder, { recursive: true })
    }
  })

  it('says that a program is not there', async () => {
    const logFile = join(tmpdir(), `detached-${process.pid}.log`)
    await expect(startDetached('no-such-program', [], { env, logFile })).rejects.toThrow('ENOENT')
    await rm(logFile)
  })
})
