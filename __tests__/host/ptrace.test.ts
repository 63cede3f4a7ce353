import { describe, expect, it } from 'vitest'
import { explainRefusal, readPtraceFacts } from '../../src/host/ptrace.js'
import type { PtraceFacts } from '../../src/host/ptrace.js'

const facts: PtraceFacts = {
  pid: 4711,
  name: 'server',
  uid: 1000,
  ownUid: 1000,
  capable: false,
  scope: 0,
  tracer: null,
}
const again = ['node', 'cli.js', 'diagnose', '--pid', '4711']
const sudo = 'sudo node cli.js diagnose --pid 4711'

describe('explainRefusal', () => {
  const cases: [string, Partial<PtraceFacts>, string[]][] = [
    [
      'another tracer',
      { tracer: { pid: 12, name: 'gdb' } },
      ['process 12 (gdb) traces it already'],
    ],
    [
      "Yama's default on Ubuntu",
      { scope: 1 },
      ['ptrace_scope is 1', 'one that started it', sudo, 'sysctl -w kernel.yama.ptrace_scope=0'],
    ],
    ['admins alone', { scope: 2 }, ['ptrace_scope is 2', 'only root may trace', sudo]],
    ['nobody', { scope: 3, capable: true }, ['ptrace_scope is 3', 'restart the machine']],
    ["another user's process", { uid: 0 }, ['runs as user 0 (root)', 'you are user 1000', sudo]],
    ['a container', { ownUid: 0 }, ['lacks the capability SYS_PTRACE', '--cap-add SYS_PTRACE']],
    ['a program that forbids it', {}, ['PR_SET_DUMPABLE', 'seccomp', sudo]],
  ]
  it.each(cases)('names %s and what would work', (_name, given, words) => {
    const text = explainRefusal({ ...facts, ...given }, again)
    expect(text).toContain('process 4711 (server)')
    for (const word of words) expect(text).toContain(word)
  })

  it('quotes the command for a shell', () => {
    const text = explainRefusal({ ...facts, scope: 1 }, ['node', 'a b', '--', "it's"])
    expect(text).toContain(`sudo node 'a b' -- 'it'"'"'s'`)
  })
})

describe('readPtraceFacts', () => {
  it('reads those of a process of our own', () => {
    expect(readPtraceFacts(process.pid)).toMatchObject({
      pid: process.pid,
      uid: process.getuid?.(),
      ownUid: process.geteuid?.(),
      tracer: null,
    })
  })

  it('is null for a process that does not exist', () => {
    expect(readPtraceFacts(4_000_000)).toBeNull()
  })
})
