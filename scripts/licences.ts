import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'

/** A package whose code is in a bundle. */
export interface BundledPackage {
  readonly name: string
  readonly version: string
  /** SPDX expression of its package.json */
  readonly licence: string
  /** Text of its licence files; empty when it ships none */
  readonly text: string
}

interface Module {
  readonly nameForCondition?: string | null | undefined
  readonly modules?: readonly Module[] | undefined
}

const MODULE: z.ZodType<Module> = z.object({
  nameForCondition: z.string().nullish(),
  get modules() {
    return z.array(MODULE).optional()
  },
})
const STATISTICS = z.object({ modules: z.array(MODULE) })
const PACKAGE_JSON = z.object({
  name: z.string(),
  version: z.string(),
  license: z.string().default('see the package'),
})

const PACKAGE_FOLDER = /^.*\/node_modules\/(?:@[^/]+\/)?[^/]+(?=\/)/
const LICENCE_FILE = /^(licen[cs]e|copying|notice)/i

/** The packages of a bundle, by name, from webpack's statistics. */
export async function bundledPackages(statistics: string): Promise<BundledPackage[]> {
  const paths = allPaths(STATISTICS.parse(JSON.parse(statistics)).modules)
  const folders = new Set(paths.flatMap((path) => PACKAGE_FOLDER.exec(path)?.[0] ?? []))
  const packages = await Promise.all([...folders].map(readPackage))
  return packages.sort((a, b) => compareText(a.name, b.name) || compareText(a.version, b.version))
}

/** `name version`, licence and text of each, one after the other. */
export function renderLicences(packages: readonly BundledPackage[]): string {
  return packages
    .map(({ name, version, licence, text }) => `${name} ${version}\n${licence}\n\n${text}`)
    .join('\n\n')
    .replaceAll('\r\n', '\n')
}

function allPaths(modules: readonly Module[]): string[] {
  return modules.flatMap((found) => [
    found.nameForCondition ?? '',
    ...allPaths(found.modules ?? []),
  ])
}

async function readPackage(folder: string): Promise<BundledPackage> {
  const found = PACKAGE_JSON.parse(JSON.parse(await readFile(join(folder, 'package.json'), 'utf8')))
  const files = (await readdir(folder)).filter((file) => LICENCE_FILE.test(file)).sort(compareText)
  const texts = await Promise.all(files.map((file) => readFile(join(folder, file), 'utf8')))
  const text = texts.map((part) => part.trim()).join('\n\n')
  return { name: found.name, version: found.version, licence: found.license, text }
}

/** The same order on every machine, whatever its locale. */
function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}
