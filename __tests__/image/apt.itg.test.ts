import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { scrubEnvironment } from '../../src/environment.js'
import { runCommand } from '../../src/exec.js'
import type { CommandOutput } from '../../src/exec.js'

const SCRIPT = join(import.meta.dirname, '../../native/image/apt.sh')
const DEBIAN = 'http://deb.debian.org'

/** Runs lines of shell in Debian 11 with the script at /image/apt.sh, and a new source list in place of the image's own. */
function run(source: string, lines: readonly string[]): Promise<CommandOutput> {
  const setUp = [
    'set -e',
    'rm -f /etc/apt/sources.list.d/*',
    `echo "deb ${source} bullseye main" > /etc/apt/sources.list`,
    'mkdir -p /run/secrets',
  ]
  const args = ['run', '--rm', '--volume', `${SCRIPT}:/image/apt.sh:ro`, 'debian:bullseye']
  return runCommand('docker', [...args, 'sh', '-c', [...setUp, ...lines].join('\n')], {
    env: scrubEnvironment(process.env),
    deadlineMs: 120_000,
    allowFailure: true,
  })
}

describe('apt.sh', () => {
  it("goes to the archives of a retired release, and leaves the image's own settings alone", async () => {
    const gone = 'http://gone.invalid/debian,http://gone.invalid/debian-security'
    const there = `${DEBIAN}/debian,${DEBIAN}/debian-security`
    const { stdout, stderr } = await run('http://left.invalid/debian', [
      `export APT_FALLBACKS="${gone} ${there}"`,
      'sh /image/apt.sh update && sh /image/apt.sh install hello && hello',
      'cat /etc/apt/sources.list; ls /tmp',
    ])
    expect(stderr).toContain(`trying ${DEBIAN}/debian`)
    expect(stdout).toBe('Hello, world!\ndeb http://left.invalid/debian bullseye main\n')
  })

  it('reads packages from the mirror alone when there is one', async () => {
    const { exitCode, stderr } = await run(`${DEBIAN}/debian`, [
      'echo http://mirror.invalid/debian > /run/secrets/apt-mirror',
      'sh /image/apt.sh update',
    ])
    expect(exitCode).not.toBe(0)
    expect(stderr).toContain('http://mirror.invalid/debian/dists/bullseye')
    expect(stderr).not.toContain(DEBIAN)
    expect(stderr).toMatch(/no package source answers\n$/)
  })

  it("says in apt's words that a package is not to be had", async () => {
    const { exitCode, stderr } = await run(`${DEBIAN}/debian`, ['sh /image/apt.sh install g++-99'])
    expect(exitCode).not.toBe(0)
    expect(stderr).toContain('Unable to locate package g++-99')
  })
})
