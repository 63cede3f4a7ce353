import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { findOnPath, isOnPath } from '../src/programs.js'

test('programs are found in the order of the PATH, and nothing that can not be executed', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'programs-'))
  try {
    for (const [place, mode] of [
      ['a', 0o644],
      ['b', 0o755],
      ['c', 0o755],
    ] as const) {
      await mkdir(join(folder, place))
      await writeFile(join(folder, place, 'tool'), '')
      await chmod(join(folder, place, 'tool'), mode)
    }
    const env = {
      PATH: ['c', 'a', '', 'b', 'c', 'none'].map((place) => place && join(folder, place)).join(':'),
    }
    expect(await findOnPath('tool', env)).toEqual([join(folder, 'c/tool'), join(folder, 'b/tool')])
    expect(await isOnPath('tool', env)).toBe(true)
    expect(await isOnPath('other', env)).toBe(false)
    expect(await isOnPath('tool', {})).toBe(false)
  } finally {
    await rm(folder, { recursive: true })
  }
})
