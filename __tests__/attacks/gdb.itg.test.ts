import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { execa } from 'execa'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { makeProgramImage, prepareImages, removeImage } from '../helpers/images.js'
import { runStep } from '../helpers/runner.js'

/** gdb runs such a file of a program's folder by itself, unless it is told not to (gdb manual, “Auto-loading”). */
const SCRIPT = 'import gdb, os\nprint("OWN" + "ED")\nos.system("touch /tmp/owned")\n'
const LOADED = {
  '/program-gdb.py': SCRIPT,
  '/program-gdb.gdb': 'echo OWNED\n',
  '/.gdbinit': 'echo OWNED\n',
}

let image: string
let tools: string
let folder: string

beforeAll(async () => {
  tools = (await prepareImages({})).tools
  image = await makeProgramImage({ source: 'threads', files: LOADED })
  folder = await mkdtemp(join(tmpdir(), 'hostile-gdb-'))
})
afterAll(async () => {
  await removeImage(image)
  await rm(folder, { recursive: true, force: true })
})

describe('a program that brings scripts for gdb along', () => {
  it('would have them run by a gdb that trusts it', async () => {
    const target = (await execa('docker', ['create', image])).stdout
    const trusting = ['gdb', '-batch', '-iex', 'set auto-load safe-path /', '/program']
    const gdb = (await execa('docker', ['create', tools, ...trusting])).stdout
    try {
      for (const name of ['program', 'program-gdb.py']) {
        const file = join(folder, name)
        await execa('docker', ['cp', `${target}:/${name}`, file])
        await execa('docker', ['cp', file, `${gdb}:/${name}`])
      }
      const { stdout } = await execa('docker', ['start', '--attach', gdb])
      expect(stdout).toContain('OWNED')
    } finally {
      await execa('docker', ['rm', '--force', target, gdb])
    }
  })

  it('has none of them run by ours', async () => {
    const natural = { experiment: 'natural', duration: '8s', 'stall-timeout': '1s' }
    const step = await runStep('run', {
      inputs: {
        image,
        // Silent between its lines for longer than the limit, so that gdb looks into it.
        command: '3 5000',
        ...natural,
        'gdb-commands': 'shell ls /tmp',
        upload: 'never',
      },
    })
    const results = dirname(step.outputs['result-path'] ?? '')
    const threads = await readFile(join(results, 'threads.txt'), 'utf8')
    const log = await readFile(join(results, 'gdb.log'), 'utf8')
    expect(threads).toContain('work')
    expect(threads + log).not.toMatch(/OWNED|owned/)
  })
})
