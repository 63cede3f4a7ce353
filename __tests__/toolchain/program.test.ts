import { mkdir, mkdtemp, realpath, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { beforeEach, describe, expect, it } from 'vitest'
import { ConfigurationError } from '../../src/errors.js'
import { localReplacements, resolveProgram } from '../../src/toolchain/program.js'
import type { ProgramPlan } from '../../src/toolchain/types.js'

let folder: string

beforeEach(async () => {
  folder = await realpath(await mkdtemp(join(tmpdir(), 'program-')))
})

async function write(path: string, text: string): Promise<void> {
  await mkdir(dirname(join(folder, path)), { recursive: true })
  await writeFile(join(folder, path), text)
}

function find(program: string, packages: string[] = []): Promise<ProgramPlan | undefined> {
  return resolveProgram({ program, packages }, folder)
}

describe('resolveProgram', () => {
  it('has nothing to find for the built-in program', async () => {
    expect(await resolveProgram({ program: undefined }, folder)).toBeUndefined()
  })

  it('finds the module around a package in a subfolder', async () => {
    await write('m/go.mod', 'module example.org/m\n')
    await write('m/cmd/my server/main.go', 'package main\n')
    expect(await find('./m/cmd/my server', ['libx-dev'])).toEqual({
      module: join(folder, 'm'),
      package: './cmd/my server',
      packages: ['libx-dev'],
    })
  })

  it('takes the module’s own folder, and a link to a package for what it leads to', async () => {
    await write('m/go.mod', 'module example.org/m\n')
    await write('m/main.go', 'package main\n')
    await symlink('m', join(folder, 'link'))
    const plan = { module: join(folder, 'm'), package: '.', packages: [] }
    expect(await find('./m')).toEqual(plan)
    expect(await find('./link')).toEqual(plan)
  })

  it('keeps a folder whose name looks like a flag a folder', async () => {
    await write('m/go.mod', 'module example.org/m\n')
    await write('m/-o/main.go', 'package main\n')
    expect((await find('./m/-o'))?.package).toBe('./-o')
  })

  it.each<[string, string, RegExp]>([
    ['a folder that is not there', './nowhere', /there is no .*\/nowhere\. Give a folder/],
    ['a file', './m/main.go', /that is a file\. Give its folder: \.\/m/],
    ['a folder without Go', './m/docs', /there is no Go file in .*such as \.\/cmd\/server/],
    ['tests alone', './m/tests', /there is no Go file/],
    [
      'a package outside any module',
      './lone',
      /neither that folder nor one above it has a go\.mod/,
    ],
    ['a replacement outside the module', './outside', /replaces a module with \.\.\/m, .*vendor/],
  ])('refuses %s', async (_what, program, message) => {
    await write('m/go.mod', 'module example.org/m\n')
    await write('m/main.go', 'package main\n')
    await write('m/docs/readme.md', '')
    await write('m/tests/a_test.go', 'package main\n')
    await write('lone/main.go', 'package main\n')
    await write('outside/go.mod', 'module example.org/o\n\nreplace example.org/m => ../m\n')
    await write('outside/main.go', 'package main\n')
    const refused = find(program)
    await expect(refused).rejects.toThrow(ConfigurationError)
    await expect(refused).rejects.toThrow(message)
    await expect(refused).rejects.toThrow(`program: ${program} can't be built`)
  })

  it('takes replacements within the module', async () => {
    await write('m/go.mod', 'module example.org/m\n\nreplace example.org/a => ./libs/a\n')
    await write('m/main.go', 'package main\n')
    expect((await find('./m'))?.package).toBe('.')
  })
})

describe('localReplacements', () => {
  it('finds folders, in lines and in blocks, and neither modules nor comments', () => {
    const goMod = `module example.org/m
replace example.org/a => ../a // moved
replace (
	example.org/b v1.0.0 => ./b
	example.org/c => "/srv/my c"
	example.org/d => example.org/e v1.2.3
	// example.org/f => ../f
)
replace example.org/g => ..
`
    expect(localReplacements(goMod)).toEqual(['../a', './b', '/srv/my c', '..'])
  })
})
