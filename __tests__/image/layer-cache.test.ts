import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { buildxClient } from '../../src/engine.js'
import type { Engine } from '../../src/engine.js'
import { findLayerCache, parseBuilder } from '../../src/image/layer-cache.js'

const SERVICE = { ACTIONS_RUNTIME_TOKEN: 'hush-4711', ACTIONS_RESULTS_URL: 'https://results/' }

/** What buildx 0.37 says of a builder on its own, and of the daemon's. */
const AWAY = `Name:          away
Driver:        remote
Last Activity: 2026-11-27 13:54:06 +0000 UTC

Nodes:
Name:             away0
Endpoint:         unix:///run/buildkitd.sock
Status:           running
`
const OWN = `Name:   default
Driver: docker

Nodes:
Name:             default
Endpoint:         default
`
const OVERLAY2 = '[["Backing Filesystem","extfs"],["Supports d_type","true"]]'
const CONTAINERD = '[["driver-type","io.containerd.snapshotter.v1"]]'

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'layer-cache-'))
})
afterEach(() => rm(folder, { recursive: true, force: true }))

/** An engine whose client answers so. It fails when it is told the token. */
async function engine(builder: string, store: string): Promise<Engine> {
  const command = join(folder, 'docker')
  const script = `#!/bin/sh
test -z "$ACTIONS_RUNTIME_TOKEN" || exit 1
case "$*" in
  'buildx inspect') cat <<'END'
${builder}
END
  ;;
  info*) echo '${store}' ;;
esac
`
  await writeFile(command, script)
  await chmod(command, 0o755)
  return { name: 'docker', command, version: '29', build: buildxClient(command, 'default') }
}

const env = { PATH: '/usr/bin:/bin' }

describe('parseBuilder', () => {
  it('reads the builder, not its nodes', () => {
    expect(parseBuilder(AWAY)).toEqual({ name: 'away', driver: 'remote' })
    expect(parseBuilder(OWN)).toEqual({ name: 'default', driver: 'docker' })
  })

  it('is null where there is none', () => {
    expect(parseBuilder('')).toBeNull()
  })
})

describe('findLayerCache', () => {
  it.each(['docker-container', 'kubernetes', 'remote', 'cloud'])(
    'takes the builder that somebody made, here of driver %s',
    async (driver) => {
      const deps = { engine: await engine(AWAY.replace('remote', driver), OVERLAY2), env }
      const client = buildxClient(deps.engine.command, 'away')
      expect(await findLayerCache(SERVICE, deps)).toEqual({
        client: { ...client, env: SERVICE },
        seesImages: false,
      })
    },
  )

  it("takes the daemon's own over the containerd image store", async () => {
    const deps = { engine: await engine(OWN, CONTAINERD), env }
    expect(await findLayerCache(SERVICE, deps)).toEqual({
      client: { ...deps.engine.build, env: SERVICE },
      seesImages: true,
    })
  })

  it("says why it can't be the daemon's own over the old store", async () => {
    const deps = { engine: await engine(OWN, OVERLAY2), env }
    expect(await findLayerCache(SERVICE, deps)).toBe(
      "The builder default (driver docker, no containerd image store) can't export them.",
    )
  })

  it('needs buildx, and its answer', async () => {
    const mute = await engine('', CONTAINERD)
    expect(await findLayerCache(SERVICE, { engine: mute, env })).toContain('does not say')
    const args = ['build', '--progress', 'plain']
    const old = { ...mute, build: { command: mute.command, args, env: {}, builder: null } }
    expect(await findLayerCache(SERVICE, { engine: old, env })).toContain('not buildx')
  })
})
