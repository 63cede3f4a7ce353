import { execFile } from 'node:child_process'
import { mkdir, readFile, symlink } from 'node:fs/promises'
import { join } from 'node:path'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { InspectionReport } from '../../src/inspect/schema.js'
import { buildGo, compileText, GO_WITH_SYMBOLIZER } from '../inspect/files.js'
import { makeFolder } from '../helpers/native.js'
import { ROOT } from '../helpers/runner.js'

const MAIN = join(ROOT, 'src/cli/main.ts')
const TSX = join(ROOT, 'node_modules/.bin/tsx')

let folder: Awaited<ReturnType<typeof makeFolder>>
beforeAll(async () => {
  folder = await makeFolder()
})
afterAll(() => folder.remove())

interface Said {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

function inspect(...args: string[]): Promise<Said> {
  return new Promise((resolve) => {
    execFile(TSX, [MAIN, 'inspect', ...args], (error, stdout, stderr) => {
      resolve({ code: typeof error?.code === 'number' ? error.code : 0, stdout, stderr })
    })
  })
}

async function report(...args: string[]): Promise<InspectionReport> {
  return InspectionReport.parse(JSON.parse((await inspect(...args, '--json')).stdout))
}

describe('inspect', { timeout: 300_000 }, () => {
  it('has an exit code for each verdict, and says why', async () => {
    const program = await buildGo(join(folder.path, 'go'), GO_WITH_SYMBOLIZER)
    const unknown = await inspect(program)
    expect(unknown.code).toBe(3)
    expect(unknown.stdout).toContain('--sysroot')
    // Beside the program lies a libgcc_s that asks dl_iterate_phdr, where the program looks first.
    const root = join(folder.path, 'vulnerable')
    await compileText(
      `int dl_iterate_phdr(void *, void *);
       int _Unwind_Backtrace(void *f, void *a) { return dl_iterate_phdr(f, a); }
       int _Unwind_RaiseException(void *f, void *a) { return dl_iterate_phdr(f, a); }`,
      join(root, 'libgcc_s.so.1'),
      ['-shared', '-fPIC', '-Wl,-soname,libgcc_s.so.1'],
    )
    const env = { CGO_LDFLAGS: `-Wl,-rpath,${root}` }
    const bundled = await buildGo(join(folder.path, 'bundled'), GO_WITH_SYMBOLIZER, { env })
    const found = await inspect(bundled)
    expect(found.stdout).toContain('dl_iterate_phdr')
    expect(found.code).toBe(2)
    expect((await inspect(join(ROOT, 'package.json'))).code).toBe(1)
  })

  it('prints what the schema says', async () => {
    const program = await compileText('int main(void) { return 0; }', join(folder.path, 'plain'))
    const { code, stdout } = await inspect(program, '--json', '--sysroot', '/')
    expect(code).toBe(0)
    const schema = JSON.parse(
      await readFile(join(ROOT, 'schema/inspection.schema.json'), 'utf8'),
    ) as object
    const validate = new Ajv2020({ strict: false }).compile(schema)
    expect(validate(JSON.parse(stdout)), JSON.stringify(validate.errors)).toBe(true)
  })

  it('finds every program of a folder, and follows no link', async () => {
    const top = join(folder.path, 'many')
    await compileText('int main(void) { return 0; }', join(top, 'a/one'))
    await compileText('int main(void) { return 0; }', join(top, 'two'), ['-static'])
    await compileText('int f(void) { return 0; }', join(top, 'lib.so'), ['-shared', '-fPIC'])
    await mkdir(join(top, 'empty'))
    await symlink('/usr/bin', join(top, 'elsewhere'))
    const { kind, programs } = await report(top)
    expect(kind).toBe('folder')
    expect(programs.map(({ program }) => program)).toEqual([join(top, 'a/one'), join(top, 'two')])
    const none = await inspect(join(top, 'empty'))
    expect(none).toMatchObject({ code: 1 })
    expect(none.stderr).toContain('no ELF program below')
  })

  it('refuses flags that mean nothing here', async () => {
    const program = await compileText('int main(void) { return 0; }', join(folder.path, 'flags'))
    const { code, stderr } = await inspect(program, '--program', '/x')
    expect(code).toBe(1)
    expect(stderr).toContain('--program is /x')
    expect((await inspect(program, '--sysroot', '/no/such')).stderr).toContain('--sysroot is')
  })
})
