import { chmod, copyFile, mkdir, mkdtemp, rm } from 'node:fs/promises'
import { randomBytes } from 'node:crypto'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { execa } from 'execa'
import { ROOT } from './runner.js'

export const C_PROGRAMS = join(ROOT, '__tests__/fixtures/programs/c')
export const C_SOURCES = join(ROOT, '__tests__/helpers/programs')
export const CORPUS = join(ROOT, '__tests__/fixtures/dumps/programs')

/** An image that holds one program and what it is linked to, and nothing else. */
export interface SmallImage {
  /** File of the program's source */
  readonly source: string
  /** `gcc` or `musl-gcc`, and what to give it */
  readonly compiler: readonly string[]
  /** Where it lies in the image; its folders have the same permissions */
  readonly path?: string
  readonly mode?: number
  /** Its owner, and the user that the image starts with */
  readonly user?: number
}

/** Compiles, packs and imports an image; it has a name of its own. */
export async function makeSmallImage(small: SmallImage): Promise<string> {
  const { source, compiler, path = '/app/program', mode = 0o755, user = 0 } = small
  const name = `cgo-deadlock-itg/small-${randomBytes(5).toString('hex')}`
  const folder = await mkdtemp(join(tmpdir(), 'small-image-'))
  try {
    const root = join(folder, 'root')
    const program = join(root, path)
    await mkdir(dirname(program), { recursive: true })
    const [command = 'gcc', ...flags] = compiler
    await execa(command, ['-g', '-pthread', ...flags, '-o', program, source])
    for (const library of await librariesOf(program)) {
      await mkdir(dirname(join(root, library)), { recursive: true })
      await copyFile(library, join(root, library))
    }
    await chmod(program, mode)
    await chmod(dirname(program), mode)
    const archive = join(folder, 'root.tar')
    const owner = [`--owner=${user}`, `--group=${user}`]
    await execa('tar', ['-c', '-f', archive, ...owner, '-C', root, '.'])
    const settings = [`ENTRYPOINT ["${path}"]`, `USER ${user}:${user}`]
    const changes = settings.flatMap((setting) => ['--change', setting])
    await execa('docker', ['import', ...changes, archive, name])
    return name
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

/** The loader and the libraries that a program asks for; none for a static one. */
async function librariesOf(program: string): Promise<string[]> {
  const { stdout } = await execa('readelf', ['-l', '-d', program])
  const loader = /program interpreter: (\S+)\]/.exec(stdout)?.[1]
  if (loader === undefined) return []
  if (loader.includes('musl')) return [loader]
  const linked = await execa('ldd', [program])
  const files = [...linked.stdout.matchAll(/(?:=> |^\s*)(\/\S+)/gm)].map((match) => match[1] ?? '')
  return [...new Set([loader, ...files])]
}

export async function removeImages(names: readonly string[]): Promise<void> {
  if (names.length > 0) await execa('docker', ['image', 'rm', '--force', ...names])
}
