import { readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { scrubEnvironment } from '../src/environment.js'
import { runCommand } from '../src/exec.js'
import { bundledPackages, renderLicences } from './licences.js'

const ROOT = resolve(import.meta.dirname, '..')
const NCC = join(ROOT, 'node_modules', '.bin', 'ncc')
const BUILD_MS = 300_000

/** One bundle: where its code starts, its folder in dist/, packages that it must not carry. */
export interface Entry {
  readonly source: string
  readonly folder: string
  readonly without: readonly string[]
}

/** Only what uploads may carry the artifact client: it is four fifths of a bundle's weight. */
export const ENTRIES: readonly Entry[] = [
  { source: 'src/actions/run/main.ts', folder: 'run', without: [] },
  { source: 'src/actions/run/post.ts', folder: 'run-post', without: ['@actions/artifact'] },
  { source: 'src/actions/matrix/main.ts', folder: 'matrix', without: ['@actions/artifact'] },
  { source: 'src/actions/report/main.ts', folder: 'report', without: [] },
  { source: 'src/cli/main.ts', folder: 'cli', without: ['@actions/artifact'] },
]

/**
 * Builds every entry into `<target>/<folder>/`, which is removed first.
 * @throws Error when an entry carries a package that it must not
 */
export async function bundleAll(entries: readonly Entry[], target: string): Promise<void> {
  await rm(target, { recursive: true, force: true })
  for (const entry of entries) await bundle(entry, join(target, entry.folder))
}

/**
 * ncc writes index.js and the package.json that makes it a module. The licences are collected here: ncc's own list
 * leaves out packages whose modules webpack joined into one (41 of 163, with the artifact client).
 */
async function bundle(entry: Entry, target: string): Promise<void> {
  const statistics = join(target, 'statistics.json')
  const built = await runCommand(
    NCC,
    [
      ...['build', resolve(ROOT, entry.source), '--out', target],
      ...['--no-cache', '--quiet', '--stats-out', statistics],
    ],
    { cwd: ROOT, env: scrubEnvironment(process.env), deadlineMs: BUILD_MS, allowFailure: true },
  )
  if (built.exitCode !== 0) throw new Error(`${entry.source} does not build:\n${built.stderr}`)
  const packages = await bundledPackages(await readFile(statistics, 'utf8'))
  await rm(statistics)
  await refuseAssets(entry, target)
  const unwanted = packages.filter((found) => entry.without.includes(found.name))
  if (unwanted.length > 0) {
    const names = unwanted.map((found) => found.name).join(', ')
    throw new Error(
      `${entry.source}: its bundle must not carry ${names}; find the import that leads to it.`,
    )
  }
  await writeFile(join(target, 'licenses.txt'), renderLicences(packages))
}

/**
 * ncc takes a call such as `resolve(folder, 'report.html')` for a reference to files that lie about at build time: it
 * copies them beside the bundle and turns the call into a path there. `join` it leaves alone.
 */
async function refuseAssets(entry: Entry, target: string): Promise<void> {
  const files = await readdir(target)
  const code = await Promise.all(
    files
      .filter((file) => file.endsWith('.js'))
      .map((file) => readFile(join(target, file), 'utf8')),
  )
  const rewritten = code.flatMap((text) => text.match(/^.*__nccwpck_require__\.ab \+.*$/gm) ?? [])
  const unknown = files.filter((file) => !/^(\d+\.)?index\.js$|^package\.json$/.test(file))
  if (rewritten.length === 0 && unknown.length === 0) return
  throw new Error(
    `${entry.source}: ncc took files that lie about for assets: ${unknown.join(', ')}\n` +
      `${rewritten.map((line) => `  ${line.trim()}\n`).join('')}Use join there, not resolve or new URL.`,
  )
}
