import { compareVersions } from 'compare-versions'

/** ELF machine (elf.h) → Go's name for the architecture. */
const NAMES: Readonly<Record<number, string>> = {
  3: '386',
  8: 'mips',
  20: 'ppc',
  21: 'ppc64',
  22: 's390x',
  40: 'arm',
  62: 'amd64',
  183: 'arm64',
  243: 'riscv64',
  258: 'loong64',
}

const PPC64 = 21

export function architectureOf(elf: {
  readonly machine: number
  readonly little: boolean
}): string {
  const name = NAMES[elf.machine] ?? `ELF machine ${elf.machine}`
  return elf.machine === PPC64 && elf.little ? 'ppc64le' : name
}

/** Since when Go's signal handlers call the symbolizer's traceback on Linux (Go: ea306ae625, 6fd1f825c1, 81767e23c2, 0694718389). */
const TRACEBACK_SINCE: Readonly<Record<string, string>> = {
  amd64: '1.7',
  ppc64le: '1.10',
  arm64: '1.19',
  loong64: '1.25',
}

/** Whether Go's handlers ever call a traceback function here. A version that is not known is taken to be new. */
export function callsTraceback(architecture: string, goVersion: string | null): boolean {
  const since = TRACEBACK_SINCE[architecture]
  if (since === undefined) return false
  const release = /^\d+\.\d+/.exec(goVersion ?? '')?.[0]
  return release === undefined || compareVersions(release, since) >= 0
}
