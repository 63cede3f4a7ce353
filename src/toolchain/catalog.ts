/** A base image that this tool can build on, and what is known of it. */
export interface Base {
  /** As on Docker Hub, e.g. `debian:bullseye` */
  readonly image: string
  /** Debian's or Ubuntu's codename */
  readonly suite: string
  readonly distribution: 'debian' | 'ubuntu'
  readonly glibc: string
  /** gcc majors that its archive has; `g++-N` is the package */
  readonly gcc: { readonly default: string; readonly others: readonly string[] }
  /** Version of libgcc_s at run time. Debian and Ubuntu build it from the newest gcc source, not from the default compiler's. */
  readonly libgcc: string
  readonly gdb: string
  /** `rolling`: versions change under the same name */
  readonly support: 'supported' | 'retired' | 'rolling'
  /** `run`: its rows in docs were measured with it; `listed`: known from package lists only */
  readonly evidence: 'run' | 'listed'
  /** Archives to try, in order, when a retired release has left the mirrors: MAIN,SECURITY */
  readonly archives: readonly string[]
}

const ARCHIVE = 'http://archive.debian.org/debian,http://archive.debian.org/debian-security'

/** Debian keeps a copy of its archive for every few hours; this is the last one before the suite's end. */
function snapshot(time: string): string {
  const root = 'http://snapshot.debian.org/archive'
  return `${root}/debian/${time},${root}/debian-security/${time}`
}

/** Bases in order of preference: among those with the same glibc the first that fits is taken. */
export const BASES: readonly Base[] = [
  {
    ...{ image: 'debian:buster', suite: 'buster', distribution: 'debian' },
    ...{ glibc: '2.28', gcc: { default: '8', others: ['7'] }, libgcc: '8.3.0', gdb: '8.2.1' },
    ...{ support: 'retired', evidence: 'listed', archives: [ARCHIVE] },
  },
  {
    ...{ image: 'debian:bullseye', suite: 'bullseye', distribution: 'debian' },
    ...{ glibc: '2.31', gcc: { default: '10', others: ['9'] }, libgcc: '10.2.1', gdb: '10.1' },
    ...{ support: 'retired', evidence: 'run', archives: [snapshot('20260831T000000Z'), ARCHIVE] },
  },
  {
    ...{ image: 'debian:bookworm', suite: 'bookworm', distribution: 'debian' },
    ...{ glibc: '2.36', gcc: { default: '12', others: ['11'] }, libgcc: '12.2.0', gdb: '13.1' },
    ...{ support: 'supported', evidence: 'run', archives: [] },
  },
  {
    ...{ image: 'debian:trixie', suite: 'trixie', distribution: 'debian' },
    glibc: '2.41',
    gcc: { default: '14', others: ['12', '13'] },
    ...{ libgcc: '14.2.0', gdb: '16.3', support: 'supported', evidence: 'run', archives: [] },
  },
  {
    ...{ image: 'debian:sid', suite: 'sid', distribution: 'debian' },
    glibc: '2.43',
    gcc: { default: '16', others: ['11', '12', '13', '14', '15'] },
    ...{ libgcc: '16', gdb: '18.1', support: 'rolling', evidence: 'run', archives: [] },
  },
  {
    ...{ image: 'debian:forky', suite: 'forky', distribution: 'debian' },
    glibc: '2.43',
    gcc: { default: '16', others: ['12', '13', '14', '15'] },
    ...{ libgcc: '16.2.0', gdb: '18.1', support: 'rolling', evidence: 'listed', archives: [] },
  },
  {
    ...{ image: 'ubuntu:18.04', suite: 'bionic', distribution: 'ubuntu' },
    glibc: '2.27',
    gcc: { default: '7', others: ['5', '6', '8'] },
    ...{ libgcc: '8.4.0', gdb: '8.1', support: 'retired', evidence: 'listed', archives: [] },
  },
  {
    ...{ image: 'ubuntu:20.04', suite: 'focal', distribution: 'ubuntu' },
    glibc: '2.31',
    gcc: { default: '9', others: ['7', '8', '10'] },
    ...{ libgcc: '10.5.0', gdb: '9.2', support: 'retired', evidence: 'listed', archives: [] },
  },
  {
    ...{ image: 'ubuntu:22.04', suite: 'jammy', distribution: 'ubuntu' },
    glibc: '2.35',
    gcc: { default: '11', others: ['9', '10', '12'] },
    ...{ libgcc: '12.3.0', gdb: '12.1', support: 'supported', evidence: 'listed', archives: [] },
  },
  {
    ...{ image: 'ubuntu:24.04', suite: 'noble', distribution: 'ubuntu' },
    glibc: '2.39',
    gcc: { default: '13', others: ['9', '10', '11', '12', '14'] },
    ...{ libgcc: '14.2.0', gdb: '15.0.50', support: 'supported', evidence: 'listed', archives: [] },
  },
  {
    ...{ image: 'ubuntu:26.04', suite: 'resolute', distribution: 'ubuntu' },
    glibc: '2.43',
    gcc: { default: '15', others: ['12', '13', '14', '16'] },
    ...{ libgcc: '16', gdb: '17.1', support: 'supported', evidence: 'listed', archives: [] },
  },
]

/** What `glibc-version` means when it is not given. */
export const DEFAULT_SUITE = 'trixie'

/** glibc versions known from images without apt-get: they can be watched with `image`, not built on. */
export const IMAGES_WITHOUT_APT: readonly { readonly image: string; readonly glibc: string }[] = [
  { image: 'almalinux:8', glibc: '2.28' },
  { image: 'almalinux:9', glibc: '2.34' },
  { image: 'amazonlinux:2023', glibc: '2.34' },
  { image: 'almalinux:10', glibc: '2.39' },
  { image: 'fedora:43', glibc: '2.42' },
  { image: 'fedora:44', glibc: '2.43' },
  { image: 'fedora:45', glibc: '2.44' },
]

/** A symbolizer with a name of its own. */
export type NamedSymbolizer =
  | {
      readonly kind: 'module'
      readonly module: string
      /** Taken when no version is asked for */
      readonly version: string
      /** Modules that it imports and its own go.mod leaves out, as module@version */
      readonly requires: readonly string[]
    }
  | { readonly kind: 'ours'; readonly folder: string }

/** The commit that the original reproducer pins. */
const IAN_LANCE_TAYLOR = {
  module: 'github.com/ianlancetaylor/cgosymbolizer',
  version: 'v0.0.0-20210303021718-7cb7081f6b86',
}

export const SYMBOLIZERS: Readonly<Record<string, NamedSymbolizer>> = {
  ianlancetaylor: { kind: 'module', ...IAN_LANCE_TAYLOR, requires: [] },
  benesch: {
    kind: 'module',
    module: 'github.com/benesch/cgosymbolizer',
    version: 'v0.0.0-20190515212042-bec6fe6e597b',
    requires: [`${IAN_LANCE_TAYLOR.module}@${IAN_LANCE_TAYLOR.version}`],
  },
  'milvus-io': {
    kind: 'module',
    module: 'github.com/milvus-io/cgosymbolizer',
    version: 'v0.0.0-20250318084424-114f4050c3a6',
    requires: [],
  },
  'nsrip-dd': {
    kind: 'module',
    module: 'github.com/nsrip-dd/cgotraceback',
    version: '4171d15e5ad25dd8414c9519ee07ee67350e0519',
    requires: [],
  },
  framepointer: { kind: 'ours', folder: 'native/symbolizers/framepointer' },
}

/** Go's lines from the first that this tool builds with, and the newest release of each known when this was written. */
export const GO_LINES: Readonly<Record<string, string>> = {
  '1.11': '1.11.13',
  '1.12': '1.12.17',
  '1.13': '1.13.15',
  '1.14': '1.14.15',
  '1.15': '1.15.15',
  '1.16': '1.16.15',
  '1.17': '1.17.13',
  '1.18': '1.18.10',
  '1.19': '1.19.13',
  '1.20': '1.20.14',
  '1.21': '1.21.13',
  '1.22': '1.22.12',
  '1.23': '1.23.12',
  '1.24': '1.24.13',
  '1.25': '1.25.14',
  '1.26': '1.26.11',
  '1.27': '1.27.4',
}
