import { ConfigurationError } from '../errors.js'
import { BASES, DEFAULT_SUITE, IMAGES_WITHOUT_APT } from './catalog.js'
import type { Base } from './catalog.js'
import type { ToolchainPlan, ToolchainRequest } from './types.js'

type BasePlan = Pick<ToolchainPlan, 'baseImage' | 'suite' | 'gcc' | 'expected'>
type BaseRequest = Pick<ToolchainRequest, 'glibc' | 'gcc' | 'baseImage'>

const NEAREST = 4

/**
 * The base image for a glibc and a gcc, or for an image named outright; then the versions beside it are what the built image is checked against.
 * @throws ConfigurationError that lists the nearest combinations there are
 */
export function resolveBase(request: BaseRequest): BasePlan {
  checkForm(request)
  if (request.baseImage !== undefined) return namedBase(request.baseImage, request)
  const { glibc, gcc } = request
  const sameGlibc = BASES.filter((base) =>
    glibc === undefined ? base.suite === DEFAULT_SUITE : base.glibc === glibc,
  )
  if (sameGlibc.length === 0) throw unknownGlibc(glibc ?? '', gcc)
  const base = sameGlibc.find((candidate) => hasGcc(candidate, gcc))
  if (base === undefined) throw unknownGcc(sameGlibc, gcc)
  return planFor(base, gcc)
}

/** The catalog's entry for an image, whatever way its name is written: `debian:11`, `docker.io/library/debian:bullseye-slim`. */
export function findBase(image: string): Base | undefined {
  const name = image.replace(/^(docker\.io\/)?(library\/)?/, '').replace(/-slim$/, '')
  return (
    BASES.find((base) => base.image === name || `${base.distribution}:${base.suite}` === name) ??
    BASES.find((base) => DEBIAN_NUMBERS[name] === base.image)
  )
}

const DEBIAN_NUMBERS: Readonly<Record<string, string>> = {
  'debian:10': 'debian:buster',
  'debian:11': 'debian:bullseye',
  'debian:12': 'debian:bookworm',
  'debian:13': 'debian:trixie',
  'debian:unstable': 'debian:sid',
  'debian:testing': 'debian:forky',
  'debian:stable': 'debian:trixie',
}

function checkForm({ glibc, gcc }: BaseRequest): void {
  if (glibc !== undefined && !/^2\.\d{1,2}$/.test(glibc)) {
    throw new ConfigurationError(
      `glibc-version: ${glibc} is not a version of glibc. Write it as 2.31. Known are ${knownGlibcs()}.`,
    )
  }
  if (!/^(default|\d{1,2})$/.test(gcc)) {
    throw new ConfigurationError(
      `gcc-version: ${gcc} is not a version of gcc. Write default, or the major alone, such as 10.`,
    )
  }
}

function namedBase(image: string, { glibc, gcc }: BaseRequest): BasePlan {
  const base = findBase(image)
  const withoutApt =
    /^(.*\/)?(almalinux|alpine|amazonlinux|busybox|centos|fedora|rockylinux|oraclelinux|opensuse[a-z-]*)([:@]|$)/
  if (base === undefined) {
    if (withoutApt.test(image)) {
      throw new ConfigurationError(
        `base-image: ${image} has no apt-get; this tool can build on Debian and Ubuntu bases only. ` +
          'Build your program in that image yourself and give the result as image.',
      )
    }
    return {
      baseImage: image,
      suite: undefined,
      gcc,
      expected: { glibc, gcc: gcc === 'default' ? undefined : gcc },
    }
  }
  if (glibc !== undefined && glibc !== base.glibc) {
    throw new ConfigurationError(
      `base-image ${image} has glibc ${base.glibc}, and glibc-version asks for ${glibc}. ` +
        'Give one of the two, or make them agree.',
    )
  }
  if (!hasGcc(base, gcc)) throw unknownGcc([base], gcc)
  return { ...planFor(base, gcc), baseImage: image }
}

function planFor(base: Base, gcc: string): BasePlan {
  return {
    baseImage: base.image,
    suite: base.suite,
    gcc,
    expected: { glibc: base.glibc, gcc: gcc === 'default' ? expectedDefault(base) : gcc },
  }
}

/** A rolling base changes its default compiler under the same name. */
function expectedDefault(base: Base): string | undefined {
  return base.support === 'rolling' ? undefined : base.gcc.default
}

/** True where the base's archive has that gcc, or for `default`. */
export function hasGcc(base: Base, gcc: string): boolean {
  return gcc === 'default' || base.gcc.default === gcc || base.gcc.others.includes(gcc)
}

function unknownGlibc(glibc: string, gcc: string): ConfigurationError {
  const withoutApt = IMAGES_WITHOUT_APT.filter((entry) => entry.glibc === glibc)
  const elsewhere =
    withoutApt.length === 0
      ? `No base image with glibc ${glibc} is known.`
      : `glibc ${glibc} is known only from ${withoutApt.map(({ image }) => image).join(' and ')}, which this tool can't build on: ` +
        'build your program there yourself and give the result as image.'
  return new ConfigurationError(
    `glibc-version: ${elsewhere} ${nearest(
      glibc,
      BASES.filter((base) => hasGcc(base, gcc)),
    )} ` +
      `Known are ${knownGlibcs()}. A Debian or Ubuntu image of your own can be given as base-image.`,
  )
}

function unknownGcc(bases: readonly Base[], gcc: string): ConfigurationError {
  const here = bases.map((base) => `${base.image} has gcc ${majors(base).join(', ')}`).join('; ')
  const elsewhere = BASES.filter((base) => hasGcc(base, gcc))
  const glibc = bases[0]?.glibc ?? ''
  return new ConfigurationError(
    `gcc-version: gcc ${gcc} is not to be had with glibc ${glibc}: ${here}. ` +
      (elsewhere.length === 0 ? `No known base has gcc ${gcc}.` : nearest(glibc, elsewhere)),
  )
}

/** `Nearest: glibc 2.36 with gcc 11, 12 (debian:bookworm); …` */
function nearest(glibc: string, bases: readonly Base[]): string {
  const distance = (base: Base): number => Math.abs(minorOf(base.glibc) - minorOf(glibc))
  const closest = [...bases].sort((a, b) => distance(a) - distance(b)).slice(0, NEAREST)
  if (closest.length === 0) return ''
  const items = closest.map(
    (base) => `glibc ${base.glibc} with gcc ${majors(base).join(', ')} (${base.image})`,
  )
  return `Nearest: ${items.join('; ')}.`
}

/** All gcc majors of a base, the oldest first. */
export function majors(base: Base): string[] {
  return [base.gcc.default, ...base.gcc.others].sort((a, b) => Number(a) - Number(b))
}

function knownGlibcs(): string {
  return [...new Set(BASES.map((base) => base.glibc))]
    .sort((a, b) => minorOf(a) - minorOf(b))
    .join(', ')
}

function minorOf(version: string): number {
  return Number(version.split('.')[1])
}
