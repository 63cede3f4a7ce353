import { compareVersions } from 'compare-versions'
import { ConfigurationError } from '../errors.js'
import { GO_LINES } from './catalog.js'

/** The first line whose first release is called 1.N.0; before it that was 1.N (go.dev/blog/toolchain). */
const FIRST_DOT_ZERO = 21
const OLDEST_MINOR = 11

/** What `go-version` resolved to. */
export interface GoRelease {
  /** Without prefix, e.g. `1.17.13` */
  readonly version: string
  /** For sure an existing release: in the list or known when this was written */
  readonly known: boolean
}

/** True for a value that can be resolved only with the list of releases: `stable`, `oldstable`, `1.26`, `1.17.x`. */
export function needsReleaseList(asked: string): boolean {
  return asked.endsWith('stable') || lineAsked(asked) !== undefined
}

/**
 * `stable` is the newest release, `oldstable` the newest of the line before it. `1.N.P` is that release. `1.N` is the newest patch of that
 * line from 1.21 on; up to 1.20 it is the release of that very name, which was the line's first (write 1.17.x for its newest patch).
 * @param listed releases such as `1.17.13`, in any order; more are known from the catalog
 * @throws ConfigurationError naming what is allowed
 */
export function resolveGo(asked: string, listed: readonly string[]): GoRelease {
  const releases = orderReleases(listed)
  if (asked === 'stable' || asked === 'oldstable') return newestOfLine(asked, releases)
  const minor = /^1\.(\d{1,2})(\.(\d{1,2}|x))?$/.exec(asked)
  if (minor === null) throw malformed(asked)
  if (Number(minor[1]) < OLDEST_MINOR) {
    throw new ConfigurationError(
      `go-version: ${asked} is too old. The oldest that can be built with is 1.${OLDEST_MINOR}.`,
    )
  }
  const line = lineAsked(asked)
  if (line === undefined) return exactRelease(asked, releases)
  const newest = releases.findLast((release) => lineOf(release) === line)
  if (newest === undefined) throw unknownLine(asked, releases)
  return { version: newest, known: true }
}

/** The releases there are, oldest first, each once; those that the catalog knows are among them. */
export function orderReleases(listed: readonly string[]): string[] {
  const releases = [...listed.filter(isRelease), ...Object.values(GO_LINES)]
  return [...new Set(releases)].sort(compareVersions)
}

function newestOfLine(asked: 'stable' | 'oldstable', releases: readonly string[]): GoRelease {
  const lines = [...new Set(releases.map(lineOf))]
  const line = lines.at(asked === 'stable' ? -1 : -2)
  return { version: releases.findLast((release) => lineOf(release) === line) ?? '', known: true }
}

function exactRelease(asked: string, releases: readonly string[]): GoRelease {
  const newest = releases.findLast((release) => lineOf(release) === lineOf(asked))
  if (/^1\.(1\d|20)\.0$/.test(asked)) {
    throw new ConfigurationError(
      `go-version: ${asked} does not exist. The first release of that line is called ${lineOf(asked)}.`,
    )
  }
  return { version: asked, known: newest !== undefined && compareVersions(asked, newest) <= 0 }
}

function unknownLine(asked: string, releases: readonly string[]): ConfigurationError {
  const lines = [...new Set(releases.map(lineOf))]
  return new ConfigurationError(
    `go-version: there is no release of Go ${asked.replace(/\.x$/, '')} yet. ` +
      `The newest lines are ${lines.slice(-3).reverse().join(', ')}.`,
  )
}

function malformed(asked: string): ConfigurationError {
  return new ConfigurationError(
    `go-version: ${asked} is not a version of Go. Allowed are stable, oldstable, a line such as 1.26 or 1.17.x, ` +
      'or a release such as 1.17.13, from 1.11 on.',
  )
}

/** `1.26` and `1.17.x` name a line; `1.17` is a release. */
function lineAsked(asked: string): string | undefined {
  const minor = /^1\.(\d+)(\.x)?$/.exec(asked)
  if (minor === null) return undefined
  return minor[2] !== undefined || Number(minor[1]) >= FIRST_DOT_ZERO ? `1.${minor[1]}` : undefined
}

function lineOf(release: string): string {
  return release.split('.').slice(0, 2).join('.')
}

/** No beta, no release candidate. */
function isRelease(version: string): boolean {
  return /^1\.\d+(\.\d+)?$/.test(version) && Number(version.split('.')[1]) >= OLDEST_MINOR
}
