import { chmod, cp, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { execa } from 'execa'
import { findEngine } from '../../src/engine.js'
import { buildImages } from '../../src/image/build.js'
import type { BuiltImages } from '../../src/image/build.js'
import { toolchainRequest } from '../../src/inputs/inputs.js'
import { SILENT } from '../../src/log.js'
import { resolveToolchain } from '../../src/toolchain/resolve.js'
import { parseInputTexts } from './step-inputs.js'
import { hostEnvironment } from './tools.js'

/** A toolchain on which the original program hangs within seconds. */
export const VULNERABLE = { 'glibc-version': '2.31', 'gcc-version': '10', 'go-version': '1.17' }

/** Builds the images of a toolchain as a run would; afterwards a run finds them. */
export async function prepareImages(
  inputs: Readonly<Record<string, string>>,
): Promise<BuiltImages> {
  const env = hostEnvironment()
  const workFolder = await mkdtemp(join(tmpdir(), 'images-'))
  const deps = { env, log: SILENT, cwd: workFolder }
  try {
    const plan = await resolveToolchain(toolchainRequest(parseInputTexts(inputs)), deps)
    const engine = await findEngine('docker', env)
    const place = { engine, workFolder, imageRegistry: undefined, aptMirror: undefined }
    return await buildImages(plan, { ...deps, ...place })
  } finally {
    await rm(workFolder, { recursive: true, force: true })
  }
}

export interface ProgramImage {
  /** Name of the C source in `programs/` */
  readonly source: string
  /** Where the program lies in the image; default `/program` */
  readonly path?: string
  readonly flags?: readonly string[]
  /** More files of the image: path → text */
  readonly files?: Readonly<Record<string, string>>
}

/** Makes an image of one C program, linked statically, and nothing else; the name of the image. */
export async function makeProgramImage(image: ProgramImage): Promise<string> {
  const { source, path = '/program', flags = [], files = {} } = image
  const folder = await mkdtemp(join(tmpdir(), 'program-'))
  const root = join(folder, 'root')
  const name = `cgo-deadlock-tests/${source}:${process.pid}`
  try {
    for (const [file, text] of Object.entries({ ...files, [path]: '' })) {
      await mkdir(dirname(join(root, file)), { recursive: true })
      await writeFile(join(root, file), text)
    }
    const from = join(import.meta.dirname, 'programs', `${source}.c`)
    const how = ['-std=gnu11', '-O1', '-pthread', '-static', ...flags]
    await execa('gcc', [...how, '-o', join(root, path), from])
    await chmod(join(root, path), 0o755)
    const archive = join(folder, 'archive.tar')
    await execa('tar', ['--create', '--file', archive, '--directory', root, '.'])
    const entry = `ENTRYPOINT ${JSON.stringify([path])}`
    await execa('docker', ['import', '--change', entry, archive, name])
    return name
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

/** Takes an image of the tests away. */
export async function removeImage(name: string): Promise<void> {
  await execa('docker', ['rmi', '--force', name], { reject: false })
}

/** A copy of the symbolizer that comes with the tool, to be changed. */
export async function copySymbolizer(to: string): Promise<void> {
  const from = join(import.meta.dirname, '../../native/symbolizers/framepointer')
  await cp(from, to, { recursive: true })
}
