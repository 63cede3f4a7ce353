import type { Outcome } from '../../src/result/schema.js'

/** One row of the measured ground truth: what is asked, and the outcomes that are right. */
export interface Cell {
  readonly name: string
  /** Flags of `cgo-deadlock run` */
  readonly flags: readonly string[]
  readonly right: readonly Outcome[]
  /** Most vulnerable cells hang within seconds; a safe one has to be watched for a while */
  readonly duration: string
}

/** A few of a hundred hangs are the livelock in libgcc's frame cache instead. */
const HANGS: readonly Outcome[] = ['deadlock', 'livelock']
const CLEAN: readonly Outcome[] = ['clean']

const BULLSEYE = ['--glibc-version', '2.31', '--gcc-version', '10']
const hangs = (name: string, ...flags: string[]): Cell => ({
  name,
  flags,
  right: HANGS,
  duration: '30s',
})
const clean = (name: string, ...flags: string[]): Cell => ({
  name,
  flags,
  right: CLEAN,
  duration: '5s',
})

/** The cells on both sides of the boundary; few, since each is a build and a run. */
export const BOUNDARY_CELLS: readonly Cell[] = [
  hangs('glibc 2.31, shared libgcc 10, the original Go 1.17', ...BULLSEYE, '--go-version', '1.17'),
  hangs('glibc 2.31, shared libgcc 10, newest Go', ...BULLSEYE),
  hangs(
    'glibc 2.31, milvus-io',
    ...BULLSEYE,
    ...['--go-version', '1.27.4', '--symbolizer', 'milvus-io'],
  ),
  clean('glibc 2.31, frame-pointer symbolizer', ...BULLSEYE, '--symbolizer', 'framepointer'),
  hangs(
    'glibc 2.36, static libgcc 11',
    ...['--glibc-version', '2.36', '--gcc-version', '11', '--libgcc', 'static'],
  ),
  clean('glibc 2.36, gcc 11, shared libgcc', '--glibc-version', '2.36', '--gcc-version', '11'),
  clean('glibc 2.41', '--glibc-version', '2.41'),
  hangs(
    'glibc 2.43, static libgcc 11',
    ...['--glibc-version', '2.43', '--base-image', 'debian:sid'],
    ...['--gcc-version', '11', '--libgcc', 'static'],
  ),
]

/** Every row of the ground truth that can be built here. */
export const ALL_CELLS: readonly Cell[] = [
  ...BOUNDARY_CELLS,
  ...['1.15.15', '1.17.13', '1.21.13', '1.26.8'].map((go) =>
    hangs(`glibc 2.31, shared libgcc 10, Go ${go}`, ...BULLSEYE, '--go-version', go),
  ),
  hangs('glibc 2.31, benesch', ...BULLSEYE, '--symbolizer', 'benesch'),
  clean('glibc 2.31, no symbolizer', ...BULLSEYE, '--symbolizer', 'none'),
  ...['1.15.15', '1.17', '1.27.4'].flatMap((go) => [
    clean(`glibc 2.36, shared libgcc 12, Go ${go}`, '--glibc-version', '2.36', '--go-version', go),
    clean(`glibc 2.41, shared libgcc 14, Go ${go}`, '--glibc-version', '2.41', '--go-version', go),
  ]),
  clean('glibc 2.43, shared libgcc 16', '--base-image', 'debian:sid'),
  clean(
    'glibc 2.43, gcc 11, shared libgcc 16',
    '--base-image',
    'debian:sid',
    '--gcc-version',
    '11',
  ),
  clean(
    'glibc 2.43, static libgcc 12',
    ...['--base-image', 'debian:sid', '--gcc-version', '12', '--libgcc', 'static'],
  ),
]
