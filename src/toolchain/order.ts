import { compareVersions } from 'compare-versions'
import { ConfigurationError } from '../errors.js'
import { findBase, hasGcc, majors } from './base.js'
import { BASES, DEFAULT_SUITE } from './catalog.js'
import type { Base } from './catalog.js'

/** The base that stands for each glibc of the catalog with that gcc, the oldest glibc first. */
export function glibcOrder(gcc: string): Base[] {
  const fitting = BASES.filter((base) => hasGcc(base, gcc))
  return fitting
    .filter((base) => fitting.find(({ glibc }) => glibc === base.glibc) === base)
    .toSorted((one, other) => compareVersions(one.glibc, other.glibc))
}

/**
 * One base and its gcc majors, the oldest first: the base must stay the same when only gcc is to change.
 * @param wanted majors that it should have
 * @returns the first base with all of them, else the first of that glibc
 * @throws ConfigurationError when the catalog knows no such base
 */
export function gccOrder(
  {
    glibc,
    baseImage,
  }: { readonly glibc: string | undefined; readonly baseImage: string | undefined },
  wanted: readonly string[],
): { readonly image: string; readonly majors: string[] } {
  const named = baseImage === undefined ? undefined : findBase(baseImage)
  const bases =
    baseImage === undefined
      ? BASES.filter((base) =>
          glibc === undefined ? base.suite === DEFAULT_SUITE : base.glibc === glibc,
        )
      : named === undefined
        ? []
        : [named]
  const base = bases.find((candidate) => wanted.every((gcc) => hasGcc(candidate, gcc))) ?? bases[0]
  if (base === undefined) {
    throw new ConfigurationError(
      `Which versions of gcc there are for ${baseImage ?? `glibc ${glibc ?? ''}`} is not known. ` +
        `Give one of these as base-image: ${BASES.map(({ image }) => image).join(', ')}.`,
    )
  }
  return { image: baseImage ?? base.image, majors: majors(base) }
}
