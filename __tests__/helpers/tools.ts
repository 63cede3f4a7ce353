import { scrubEnvironment } from '../../src/environment.js'
import type { Logger } from '../../src/log.js'
import { SILENT } from '../../src/log.js'
import { isOnPath } from '../../src/programs.js'
import { installPackages } from '../../src/setup/apt.js'

/** Command → Debian package that has it. What tests of `native/` build and look at programs with. */
export const BUILD_TOOLS = {
  gcc: 'gcc',
  'g++': 'g++',
  make: 'make',
  go: 'golang-go',
  gdb: 'gdb',
  'musl-gcc': 'musl-tools',
}

/** What the tests on podman need besides podman. */
export const PODMAN_TOOLS = {
  podman: 'podman',
  runc: 'runc',
  catatonit: 'catatonit',
  newuidmap: 'uidmap',
}

/** What the tests of the report look at it with. */
export const BROWSER_TOOLS = { chromium: 'chromium' }

/** What the faults are made with, besides what Debian always has. */
export const FAULT_TOOLS = { faketime: 'faketime', nsenter: 'util-linux', ip: 'iproute2' }

/** The environment of this process with the folders in which Debian keeps daemons. */
export function hostEnvironment(): Record<string, string> {
  const env = scrubEnvironment(process.env)
  return { ...env, PATH: `${env['PATH'] ?? ''}:/usr/sbin:/sbin` }
}

/** Says on the terminal what set-up does. */
export const LOUD: Logger = {
  ...SILENT,
  info: (message) => console.log(message),
  warning: (message) => console.warn(message),
}

/** Installs the packages of those tools that are not on the PATH, saying so; nothing where all are. */
export async function installTools(tools: Readonly<Record<string, string>>): Promise<void> {
  const env = hostEnvironment()
  const missing: string[] = []
  for (const [command, name] of Object.entries(tools)) {
    if (!(await isOnPath(command, env))) missing.push(name)
  }
  if (missing.length === 0) return
  console.log(`The tests need ${missing.join(', ')}, which this machine does not have.`)
  await installPackages(
    missing.map((name) => ({ anyOf: [name] })),
    { log: LOUD, env },
  )
}
