import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { makeFolder } from '../helpers/native.js'
import { buildGo, compileText, GO_WITH_SYMBOLIZER, inspectHere, unpack } from './files.js'

const run = promisify(execFile)
let folder: Awaited<ReturnType<typeof makeFolder>>
let program: string
let old: string
beforeAll(async () => {
  folder = await makeFolder()
  program = await buildGo(join(folder.path, 'symbolizer'), GO_WITH_SYMBOLIZER)
  // A libgcc_s as GCC 11 makes it, as far as its table of symbols tells.
  old = join(folder.path, 'old')
  await compileText(
    `int dl_iterate_phdr(void *, void *);
     int _Unwind_Backtrace(void *f, void *a) { return dl_iterate_phdr(f, a); }
     int _Unwind_RaiseException(void *f, void *a) { return dl_iterate_phdr(f, a); }
     int _Unwind_Resume(void *f, void *a) { return dl_iterate_phdr(f, a); }`,
    join(old, 'libgcc_s.so.1'),
    ['-shared', '-fPIC', '-Wl,-soname,libgcc_s.so.1'],
  )
}, 300_000)
afterAll(() => folder.remove())

describe('a Go program with C++ and a symbolizer', () => {
  it('is vulnerable with a libgcc that asks dl_iterate_phdr, and each reason names its byte', async () => {
    const found = await inspectHere(program, { libraryPath: [old] })
    expect(found.verdict).toBe('vulnerable')
    expect(found.unwinders).toMatchObject([
      { lookup: 'dl_iterate_phdr', linkage: 'shared', usedBy: ['handler', 'throw'] },
    ])
    expect(found.go?.profilers).toEqual(['runtime/pprof.StartCPUProfile'])
    const places = found.reasons.map(({ evidence }) => evidence)
    expect(places).not.toContain(null)
    for (const place of places) expect(place?.where).toMatch(/offset 0x[0-9a-f]+$/)
    expect(places.map((place) => place?.file)).toContain(join(old, 'libgcc_s.so.1'))
  })

  it('is safe with one that asks _dl_find_object', async () => {
    const modern = join(folder.path, 'modern')
    await compileText(
      `int _dl_find_object(void *, void *);
       int _Unwind_Backtrace(void *f, void *a) { return _dl_find_object(f, a); }
       int _Unwind_RaiseException(void *f, void *a) { return _dl_find_object(f, a); }`,
      join(modern, 'libgcc_s.so.1'),
      ['-shared', '-fPIC', '-Wl,-soname,libgcc_s.so.1'],
    )
    expect((await inspectHere(program, { libraryPath: [modern] })).verdict).toBe('safe')
  })

  it('is unknown where the libgcc of its machine is not at hand, whatever this machine has', async () => {
    const found = await inspectHere(program, { complete: false })
    expect(found.verdict).toBe('unknown')
    expect(found.missing).toContain('libgcc_s.so.1')
    expect(found.wouldChange.join()).toContain('--sysroot')
  })

  it('is judged alike when it is stripped', async () => {
    const flags = ['-ldflags=-s -w']
    const other = await buildGo(join(folder.path, 'stripped'), GO_WITH_SYMBOLIZER, { flags })
    expect((await inspectHere(other, { libraryPath: [old] })).verdict).toBe('vulnerable')
  }, 300_000)

  it('is safe when its traceback enters no unwinder', async () => {
    const other = await buildGo(join(folder.path, 'walker'), {
      ...GO_WITH_SYMBOLIZER,
      'traceback.c': 'void traceback(void *arg) { (void)arg; }\n',
    })
    const found = await inspectHere(other, { libraryPath: [old] })
    expect(found).toMatchObject({ verdict: 'safe', go: { traceback: true } })
  }, 300_000)

  it('is safe without the symbolizer, and says what would change that', async () => {
    const main = GO_WITH_SYMBOLIZER['main.go'] ?? ''
    const other = await buildGo(join(folder.path, 'none'), {
      ...GO_WITH_SYMBOLIZER,
      'main.go': main
        .replace(/\truntime\.SetCgo.*\n/, '')
        .replace('"runtime"\n', '')
        .replace('"unsafe"\n', ''),
    })
    const found = await inspectHere(other, { libraryPath: [old] })
    expect(found).toMatchObject({ verdict: 'safe', go: { traceback: false } })
    expect(found.wouldChange).not.toEqual([])
  }, 300_000)
})

describe('a program of 200 MB', () => {
  it('is read in small parts', async () => {
    const large = await buildGo(join(folder.path, 'large'), {
      ...GO_WITH_SYMBOLIZER,
      'large.S': '.section .rodata\n.fill 209715200, 1, 1\n.section .note.GNU-stack\n',
    })
    const before = await bytesRead()
    const found = await inspectHere(large, { libraryPath: [old] })
    expect(found.verdict).toBe('vulnerable')
    expect((await bytesRead()) - before).toBeLessThan(60e6)
  }, 300_000)
})

/** What this process has read so far (proc(5)). */
async function bytesRead(): Promise<number> {
  return Number(/^rchar: (\d+)/m.exec(await readFile('/proc/self/io', 'utf8'))?.[1])
}

describe('a program with libgcc linked in', () => {
  it('is unknown when stripped', async () => {
    const env = { CGO_LDFLAGS: '-g -O2 -static-libgcc -static-libstdc++' }
    const flags = ['-ldflags=-s -w']
    // libbacktrace, which most symbolizers bring, asks dl_iterate_phdr by itself.
    const files = {
      ...GO_WITH_SYMBOLIZER,
      'objects.c': `int dl_iterate_phdr(int (*)(void), void *);
        void objects(void) { dl_iterate_phdr(0, 0); }
        __attribute__((used)) static void (*keep)(void) = objects;\n`,
    }
    const named = await buildGo(join(folder.path, 'static'), files, { env })
    const whole = await inspectHere(named)
    expect(whole.verdict).toBe('safe')
    // libstdc++ stays shared here, and brings libgcc_s: both are loaded, and each has its users.
    expect(whole.unwinders.map(({ linkage, usedBy }) => [linkage, usedBy])).toEqual([
      ['static', ['handler', 'throw']],
      ['shared', ['throw']],
    ])
    const stripped = await buildGo(join(folder.path, 'static-stripped'), files, { env, flags })
    expect((await run('nm', ['-D', stripped])).stdout).toContain('dl_iterate_phdr')
    expect((await inspectHere(stripped)).verdict).toBe('unknown')
  }, 300_000)
})

describe('what is no Go program', () => {
  it('is safe, unless it unwinds by itself with an unwinder that takes the lock', async () => {
    const plain = await compileText('int main(void) { return 0; }', join(folder.path, 'plain'))
    expect(await inspectHere(plain)).toMatchObject({ verdict: 'safe', go: null })
    const own = await compileText(
      'int _Unwind_Backtrace(void *, void *); int main(void) { return _Unwind_Backtrace(0, 0); }',
      join(folder.path, 'own'),
      [join(old, 'libgcc_s.so.1')],
    )
    expect((await inspectHere(own, { libraryPath: [old] })).verdict).toBe('unknown')
  })

  it('is an error when it is no ELF file at all', async () => {
    await expect(inspectHere(join(import.meta.dirname, 'verdict.test.ts'))).rejects.toThrow(
      'is no ELF file',
    )
  })

  it('is not fooled by a program cut short', async () => {
    const cut = await unpack('libgcc-11', join(folder.path, 'cut'))
    await run('truncate', ['-s', '3000', cut])
    expect((await inspectHere(cut)).unwinders).toEqual([])
  })
})
