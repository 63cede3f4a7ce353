import { readFile, readdir, realpath, stat } from 'node:fs/promises'
import { dirname, join, relative, resolve, sep } from 'node:path'
import { ConfigurationError } from '../errors.js'
import { isPath } from './path.js'
import type { ProgramPlan, ToolchainRequest } from './types.js'

/**
 * Finds the module around a program of the user's own.
 * @param cwd where a relative path begins
 * @returns undefined: the built-in program is asked for
 * @throws ConfigurationError when the folder holds no Go package of a module, or the module needs files outside its folder
 */
export async function resolveProgram(
  { program, packages = [] }: Pick<ToolchainRequest, 'program' | 'packages'>,
  cwd: string,
): Promise<ProgramPlan | undefined> {
  if (program === undefined) return undefined
  const folder = await findFolder(program, cwd)
  const module = await findModule(folder)
  if (module === undefined) {
    throw refused(
      program,
      'neither that folder nor one above it has a go.mod. Make the program a module: go mod init',
    )
  }
  await refuseOutsideReplacements(program, module)
  const path = relative(module, folder).split(sep).join('/')
  return { module, package: path === '' ? '.' : `./${path}`, packages: [...packages] }
}

async function findFolder(program: string, cwd: string): Promise<string> {
  const path = resolve(cwd, program)
  const state = await stat(path).catch(() => undefined)
  if (state === undefined) throw refused(program, `there is no ${path}. Give a folder that exists.`)
  if (!state.isDirectory()) {
    throw refused(program, `that is a file. Give its folder: ${dirname(program)}`)
  }
  const folder = await realpath(path)
  const names = await readdir(folder)
  if (names.some((name) => name.endsWith('.go') && !name.endsWith('_test.go'))) return folder
  throw refused(
    program,
    `there is no Go file in ${folder}. Give the folder of the main package itself, such as ./cmd/server.`,
  )
}

/** As the go command looks for it: here, then upwards. */
async function findModule(folder: string): Promise<string | undefined> {
  const found = await stat(join(folder, 'go.mod')).catch(() => undefined)
  if (found?.isFile() === true) return folder
  const parent = dirname(folder)
  return parent === folder ? undefined : findModule(parent)
}

/** Only the module's own folder is copied into the build. */
async function refuseOutsideReplacements(program: string, module: string): Promise<void> {
  for (const target of localReplacements(await readFile(join(module, 'go.mod'), 'utf8'))) {
    const path = resolve(module, target)
    if (path === module || path.startsWith(module + sep)) continue
    throw refused(
      program,
      `its go.mod replaces a module with ${target}, which is not within ${module}. ` +
        'Only that folder goes into the build: move the module into it, or vendor it (go mod vendor) and take the replace out.',
    )
  }
}

/**
 * Folders in the `replace` directives of a go.mod: those that begin with `./`, `../` or `/` (go.dev/ref/mod#go-mod-file-replace).
 *
 * `replace example.org/a v1.0.0 => ../a // comment` → `../a`
 */
export function localReplacements(goMod: string): string[] {
  return goMod.split('\n').flatMap((line) => {
    const code = line.replace(/(^|\s)\/\/.*/, '')
    const [, double, raw, bare] = /=>\s*(?:"([^"]*)"|`([^`]*)`|(\S+))/.exec(code) ?? []
    const target = double ?? raw ?? bare ?? ''
    return isPath(target) ? [target] : []
  })
}

function refused(program: string, why: string): ConfigurationError {
  return new ConfigurationError(`program: ${program} can't be built: ${why}`)
}
