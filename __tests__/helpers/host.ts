import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setUpHost } from '../../src/setup/setup.js'
import {
  BROWSER_TOOLS,
  BUILD_TOOLS,
  hostEnvironment,
  installTools,
  LOUD,
  PODMAN_TOOLS,
} from './tools.js'

/** Lets podman run as root in a container or a small virtual machine: no systemd, no bridge, no raised limits. */
const CONTAINERS_CONF = `[containers]
default_ulimits = ["nofile=4096:4096", "nproc=4096:4096"]
netns = "host"

[engine]
cgroup_manager = "cgroupfs"
runtime = "runc"
`

/**
 * Before the tests on real containers: Docker as a user would get it, podman beside it, compilers, a browser. Test files find the
 * settings for podman through CONTAINERS_CONF. Returns what takes the settings away again; the daemon is left running.
 */
export async function setup(): Promise<() => Promise<void>> {
  await setUpHost({ log: LOUD, env: hostEnvironment(), engine: 'docker', installs: true })
  await installTools({ ...BUILD_TOOLS, ...PODMAN_TOOLS, ...BROWSER_TOOLS })
  if (process.env['CONTAINERS_CONF'] !== undefined) return () => Promise.resolve()
  const folder = await mkdtemp(join(tmpdir(), 'containers-conf-'))
  process.env['CONTAINERS_CONF'] = join(folder, 'containers.conf')
  await writeFile(process.env['CONTAINERS_CONF'], CONTAINERS_CONF)
  return () => rm(folder, { recursive: true, force: true })
}
