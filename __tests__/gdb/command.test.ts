import { execFileSync } from 'node:child_process'
import { describe, expect, it } from 'vitest'
import { gdbArguments } from '../../src/gdb/command.js'
import { quitArguments } from '../../src/gdb/quit.js'

const PLAN = { target: { pid: 7 }, script: '/gdb/dump.py', mode: 'full' } as const

/** Settings that gdb takes before it looks at anything, in order. */
function settings(args: readonly string[]): string[] {
  return args.flatMap((arg, index) => (args[index - 1] === '-iex' ? [arg] : []))
}

describe('gdbArguments', () => {
  it('switches everything off that could run code of the target, before attaching', () => {
    const args = gdbArguments(PLAN)
    expect(settings(args)).toEqual(
      expect.arrayContaining([
        'set auto-load off',
        'set auto-load safe-path',
        'set libthread-db-search-path /nonexistent',
        'set debuginfod enabled off',
        'set may-call-functions off',
        'set sysroot /proc/7/root',
      ]),
    )
    expect(args.slice(0, 2)).toEqual(['--batch', '-nx'])
    expect(args.indexOf('-x')).toBeGreaterThan(args.lastIndexOf('-iex'))
    expect(args).not.toContain('-p')
  })

  it('lets gdb open a core with its program', () => {
    const target = { core: '/tmp/core 1', executable: '/srv/my program' }
    const args = gdbArguments({ ...PLAN, target })
    expect(args.slice(-2)).toEqual(['--core=/tmp/core 1', '/srv/my program'])
    expect(settings(args)).toContain('set sysroot ')
  })

  it('hands any text over to Python unharmed, on one line of ASCII', () => {
    const commands = [
      'print "a\\"b"',
      "x' + __import__('os').abort() + '",
      'é\u2028\n\u0000\ud800',
      '$(id) `id`',
    ]
    const setup = settings(gdbArguments({ ...PLAN, commands })).at(-1) ?? ''
    expect(setup).toMatch(/^python [\x20-\x7e]+$/)
    const literal = /json\.loads\((.*)\)$/.exec(setup)?.[1] ?? ''
    const program = `import json; print(json.dumps(json.loads(${literal})["commands"]))`
    const echoed = execFileSync('python3', ['-c', program], { encoding: 'utf8' })
    expect(JSON.parse(echoed)).toEqual(commands)
  })
})

describe('quitArguments', () => {
  it('switches off what could run code of the target, too, and reads none of its files', () => {
    const args = quitArguments(7, 9)
    expect(settings(args)).toEqual(
      expect.arrayContaining([
        ...settings(gdbArguments(PLAN)).slice(0, 6),
        'set sysroot /nonexistent',
      ]),
    )
    expect(args.indexOf('-ex')).toBeGreaterThan(args.lastIndexOf('-iex'))
  })
})
