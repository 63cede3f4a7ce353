import { join } from 'node:path'
import { execa } from 'execa'
import { describe, expect, it } from 'vitest'
import { ROOT } from '../helpers/runner.js'

const CLI = [process.execPath, join(ROOT, 'dist/cli/index.js')]
const OWN_ID = process.getuid?.() ?? 0
const NOBODY = 65534

/** In a mount namespace of its own: the kernel's setting as files say it, and a user without rights. */
const WITH_SCOPE = `
mount -t tmpfs none /proc/sys/kernel
mkdir /proc/sys/kernel/yama
echo "$1" > /proc/sys/kernel/yama/ptrace_scope
user=$2
shift 2
exec setpriv --reuid "$user" --regid "$user" --clear-groups -- "$@"`

async function run(args: readonly string[]): Promise<{ exitCode: number; stderr: string }> {
  const [command = '', ...rest] = OWN_ID === 0 ? args : ['sudo', '-n', ...args]
  const { exitCode = -1, stderr } = await execa(command, rest, { reject: false })
  return { exitCode, stderr }
}

async function watchWithScope(scope: number): Promise<{ exitCode: number; stderr: string }> {
  const user = String(OWN_ID === 0 ? NOBODY : OWN_ID)
  const shell = ['unshare', '--mount', 'sh', '-c', WITH_SCOPE, 'sh', String(scope), user]
  return run([...shell, ...CLI, 'watch', '--', 'sleep', '9'])
}

describe('where the kernel lets nobody trace but root', () => {
  it.each([1, 2])(
    'names ptrace_scope %i and the command that works, before it starts anything',
    async (scope) => {
      const { exitCode, stderr } = await watchWithScope(scope)
      expect(exitCode).toBe(1)
      expect(stderr).toContain(`ptrace_scope is ${scope} (/proc/sys/kernel/yama/ptrace_scope)`)
      expect(stderr).toContain(`Run: sudo ${CLI.join(' ')} watch -- sleep 9`)
      expect(stderr).toContain('sudo sysctl -w kernel.yama.ptrace_scope=0')
    },
  )

  it('says that nothing helps but a restart where it is 3', async () => {
    const { exitCode, stderr } = await watchWithScope(3)
    expect(exitCode).toBe(1)
    expect(stderr).toMatch(/ptrace_scope is 3, so nobody may trace.*restart the machine/)
  })
})

describe("another user's process", () => {
  it('is refused by the kernel, and the message has the command with sudo', async () => {
    const user = String(NOBODY)
    const drop = ['setpriv', '--reuid', user, '--regid', user, '--clear-groups', '--']
    const { exitCode, stderr } = await run([
      ...drop,
      ...CLI,
      'diagnose',
      '--pid',
      String(process.ppid),
    ])
    expect(exitCode).toBe(1)
    expect(stderr).toMatch(/is refused: it runs as user \d+ .*and you are user 65534/)
    expect(stderr).toContain(`Run: sudo ${CLI.join(' ')} diagnose --pid ${process.ppid}`)
  })
})
