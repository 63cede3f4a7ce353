import { architectureOf } from './architecture.js'
import type { Elf } from './elf.js'
import { hex } from './evidence.js'
import type { GoFacts, GoFunction, ProgramFacts } from './facts.js'
import { findGoFunction, readGo } from './go.js'
import { NO_LIBC, readGlibc, readMusl } from './libc.js'
import type { Libc } from './libc.js'
import { loadObjects } from './loader.js'
import type { LoadedObject, LoaderOptions } from './loader.js'
import { readElfStrictly, readObject, symbolOf } from './objects.js'
import type { ObjectFacts } from './objects.js'
import { withBytes } from './roots.js'
import type { Found } from './roots.js'
import type { Inspection } from './schema.js'
import { bind, findUnwinder } from './unwinders.js'
import type { Binding } from './unwinders.js'
import { judge } from './verdict.js'

/**
 * Looks into one program and the libraries that ld.so would give it.
 * @throws Error when it is no ELF file or can't be read
 */
export async function inspectProgram(program: Found, options: LoaderOptions): Promise<Inspection> {
  const { architecture, go } = withBytes(program.file, (bytes) => {
    const elf = readElfStrictly(bytes, program.path)
    return { architecture: architectureOf(elf), go: readGoFacts(elf, program.path) }
  })
  const loaded = await loadObjects(program, options)
  const objects = loaded.objects.map(readLoaded)
  const [first] = objects
  if (first === undefined) throw new Error(`${program.path} could not be read`)
  const libc = await findLibc(loaded.objects, first, options)
  return judge({
    ...{ program: first, architecture, go, libc, complete: options.complete },
    unwinders: objects.flatMap((object) => findUnwinder(object, libc) ?? []),
    handler: bind(objects, first, '_Unwind_Backtrace'),
    throws: findThrows(objects, first),
    missing: loaded.missing,
  } satisfies ProgramFacts)
}

function readLoaded({ path, file, linkage }: LoadedObject): ObjectFacts {
  return withBytes(file, (bytes) =>
    readObject(readElfStrictly(bytes, path), { path, soname: linkage.soname }),
  )
}

/**
 * C++ raises in the object that has `__cxa_throw`, and goes on in the program's own clean-ups; Rust calls libgcc itself. A
 * libstdc++ that was not found would raise through what the whole program has: it always asks ld.so for that.
 */
function findThrows(objects: readonly ObjectFacts[], program: ObjectFacts): Binding[] {
  const raising = objects.filter(
    (object) =>
      symbolOf(object, '__cxa_throw', 'defined') !== undefined ||
      symbolOf(object, '_Unwind_RaiseException', 'imported') !== undefined,
  )
  const throws = objects.some((object) => symbolOf(object, '__cxa_throw', 'imported') !== undefined)
  const exporter = objects.find(
    (object) => symbolOf(object, '_Unwind_RaiseException', 'exported') !== undefined,
  )
  const unseen = raising.length === 0 && throws && exporter !== undefined ? [exporter] : []
  if (raising.length + unseen.length === 0) return []
  return [
    ...[...raising, ...unseen].map((object) => bind(objects, object, '_Unwind_RaiseException')),
    bind(objects, program, '_Unwind_Resume'),
  ].filter(({ kind }) => kind !== 'none')
}

/** What sends signals all the time, and what asks for it over the network. */
const PROFILERS = ['runtime/pprof.StartCPUProfile', 'net/http/pprof.Profile']

function readGoFacts(elf: Elf, path: string): GoFacts | null {
  const go = readGo(elf)
  if (go === null) return null
  const find = (name: string): GoFunction | null | undefined => {
    const offset = findGoFunction(elf, name)
    if (offset === null || offset === undefined) return offset
    const where = `Go’s function table, file offset ${hex(offset)}`
    return { name, evidence: { file: path, where, value: name } }
  }
  const buildInfo =
    go.offset === null
      ? null
      : {
          file: path,
          where: `.go.buildinfo at file offset ${hex(go.offset)}`,
          value: `go${go.version ?? '?'}, ${go.modules.length} modules`,
        }
  return {
    ...go,
    buildInfo,
    traceback: find('runtime.SetCgoTraceback'),
    profilers: PROFILERS.flatMap((name) => find(name) ?? []),
  }
}

async function findLibc(
  objects: readonly LoadedObject[],
  program: ObjectFacts,
  { root, complete }: LoaderOptions,
): Promise<Libc> {
  const { interpreter } = program
  const glibc = objects.find(({ linkage }) => linkage.soname === 'libc.so.6')
  if (glibc !== undefined) return withBytes(glibc.file, (bytes) => readGlibc(bytes, glibc.path))
  if (interpreter?.includes('ld-musl') === true) {
    const found = complete ? await root.find(interpreter) : null
    if (found === null) return { ...NO_LIBC, kind: 'musl' }
    return withBytes(found.file, (bytes) => readMusl(bytes, found.path))
  }
  const gnu = interpreter === null ? program.gnu : /\/ld(-linux|64)?[^/]*\.so/.test(interpreter)
  return gnu ? { ...NO_LIBC, kind: 'glibc' } : NO_LIBC
}
