import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { makeFolder } from '../helpers/native.js'
import { compileText, inspectHere, unpack } from './files.js'

const run = promisify(execFile)
let folder: Awaited<ReturnType<typeof makeFolder>>
beforeAll(async () => {
  folder = await makeFolder()
})
afterAll(() => folder.remove())

/** The instruction at an address, as binutils read it. */
async function instructionAt(file: string, address: string): Promise<string> {
  const stop = `0x${(Number(address) + 5).toString(16)}`
  const { stdout } = await run('objdump', [
    ...['-d', '--no-show-raw-insn', `--start-address=${address}`, `--stop-address=${stop}`],
    file,
  ])
  return stdout.trim().split('\n').at(-1) ?? ''
}

describe('libgcc linked in', () => {
  it.each([
    ['libgcc-11', 'dl_iterate_phdr'],
    ['libgcc-12', '_dl_find_object'],
  ] as const)('%s is told by what its own function calls: %s', async (name, lookup) => {
    const file = await unpack(name, join(folder.path, name))
    const { unwinders } = await inspectHere(file)
    const own = unwinders.find(({ linkage }) => linkage === 'static')
    expect(own).toMatchObject({ kind: 'libgcc', lookup, usedBy: ['handler'] })
    const evidence = own?.evidence[0]
    expect(evidence?.value).toBe(`calls ${lookup}`)
    const address = /instruction at (0x[0-9a-f]+)/.exec(evidence?.where ?? '')?.[1] ?? ''
    expect(await instructionAt(file, address)).toContain(`${lookup}@plt`)
  })

  it('is not seen in a stripped program, which imports both by way of others', async () => {
    const file = await unpack('libgcc-11-stripped', join(folder.path, 'stripped'))
    expect((await inspectHere(file)).unwinders).toEqual([])
  })

  it.each([['-static'], ['-static-pie']])(
    'is read in a program that is static altogether (%s)',
    async (flag) => {
      const file = await compileText(
        `#define _GNU_SOURCE
       #include <link.h>
       #include <unwind.h>
       static _Unwind_Reason_Code step(struct _Unwind_Context *c, void *a) { return _URC_NO_REASON; }
       static int object(struct dl_phdr_info *i, size_t s, void *d) { return 0; }
       int main(void) { dl_iterate_phdr(object, 0); return _Unwind_Backtrace(step, 0); }`,
        join(folder.path, `all${flag}`),
        [flag],
      )
      const { unwinders, libc, missing } = await inspectHere(file)
      expect(unwinders).toMatchObject([{ linkage: 'static', lookup: await lookupOfThisCompiler() }])
      expect(libc.kind).toBe('glibc')
      expect(missing).toEqual([])
    },
  )
})

/** By binutils and the archive itself. */
async function lookupOfThisCompiler(): Promise<string> {
  const archive = await run('gcc', ['-print-file-name=libgcc_eh.a'])
  const { stdout } = await run('nm', [archive.stdout.trim()])
  return stdout.includes('U _dl_find_object') ? '_dl_find_object' : 'dl_iterate_phdr'
}

describe('a shared unwinder', () => {
  const WALKS =
    'int _Unwind_Backtrace(void *, void *); int main(void) { return _Unwind_Backtrace(0, 0); }'

  it('is the one that ld.so finds, read by its imports', async () => {
    const old = await compileText(
      `int dl_iterate_phdr(void *, void *);
       int _Unwind_Backtrace(void *f, void *a) { return dl_iterate_phdr(f, a); }`,
      join(folder.path, 'bundle/lib/libgcc_s.so.1'),
      ['-shared', '-fPIC', '-Wl,-soname,libgcc_s.so.1'],
    )
    const program = await compileText(WALKS, join(folder.path, 'bundle/bin/program'), [
      ...[old, '-Wl,-rpath,$ORIGIN/../lib'],
    ])
    const { unwinders } = await inspectHere(program, { complete: false })
    expect(unwinders).toMatchObject([
      { linkage: 'shared', file: old, lookup: 'dl_iterate_phdr', usedBy: ['handler'] },
    ])
  })

  it.each([
    ['libunwind.so.8', 'nongnu-libunwind', 'dl_iterate_phdr'],
    ['libunwind.so.1', 'llvm-libunwind', '_dl_find_object'],
  ])('%s is named', async (soname, kind, lookup) => {
    const library = await compileText(
      `int dl_iterate_phdr(void *, void *);
       int _dl_find_object(void *, void *) __attribute__((weak));
       int _Unwind_Backtrace(void *f, void *a) {
         return ${soname.endsWith('1') ? '_dl_find_object ? _dl_find_object(f, a) :' : ''} dl_iterate_phdr(f, a);
       }`,
      join(folder.path, `named/${soname}`),
      ['-shared', '-fPIC', `-Wl,-soname,${soname}`],
    )
    const program = await compileText(WALKS, join(folder.path, `named/${kind}`), [library])
    const found = (await inspectHere(program, { libraryPath: [join(folder.path, 'named')] }))
      .unwinders
    expect(found).toMatchObject([{ kind, lookup, linkage: 'shared' }])
  })
})
