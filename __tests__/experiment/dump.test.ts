import { describe, expect, it } from 'vitest'
import { startCommand } from '../../src/exec.js'
import { takeDump, type Debugger, type DumpRequest } from '../../src/experiment/dump.js'

const REQUEST: DumpRequest = { target: { pid: 1 }, mode: 'quick', first: [], commands: [] }

/** A debugger that prints these lines and then does what the shell command says. */
function makeDebugger(then: string): Debugger {
  const lines = ['{"section":"gdb","version":"16.3"}', '{"section":"end","ms":5}']
  const script = `printf '%s\\n' "$@"; ${then}`
  return {
    script: '/dump.py',
    start: (_args, limitSeconds, options) =>
      startCommand('sh', ['-c', script, 'gdb', ...lines], {
        ...options,
        env: { PATH: process.env.PATH ?? '' },
        deadlineMs: limitSeconds * 1000,
      }),
  }
}

describe('takeDump', () => {
  it('waits no longer for a debugger that has said its last line and does not end', async () => {
    const began = Date.now()
    const dump = await takeDump(makeDebugger('exec sleep 600'), REQUEST)
    // The limit of this dump is 30 s; the debugger has 3 s to leave.
    expect(Date.now() - began).toBeLessThan(20_000)
    expect(dump.lines).toHaveLength(2)
    expect(dump.trouble).toBeNull()
  }, 60_000)

  it('says how a debugger ended that never came to its last line', async () => {
    const early: Debugger = {
      script: '/dump.py',
      start: (_args, limitSeconds, options) =>
        startCommand('sh', ['-c', 'echo started; echo no such process >&2; exit 7'], {
          ...options,
          env: { PATH: process.env.PATH ?? '' },
          deadlineMs: limitSeconds * 1000,
        }),
    }
    const dump = await takeDump(early, REQUEST)
    expect(dump).toMatchObject({
      lines: ['started'],
      trouble: 'gdb ended with code 7: no such process',
    })
  })

  it('leaves a debugger alone that ends by itself', async () => {
    const dump = await takeDump(makeDebugger('exit 0'), REQUEST)
    expect(dump.trouble).toBeNull()
  })
})
