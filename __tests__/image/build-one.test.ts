import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { buildxClient } from '../../src/engine.js'
import { CommandError } from '../../src/errors.js'
import { makeBuildLog } from '../../src/image/build-log.js'
import type { BuildLog } from '../../src/image/build-log.js'
import { buildOne } from '../../src/image/build-one.js'
import type { Job } from '../../src/image/jobs.js'
import { SILENT } from '../../src/log.js'

const TOKEN = 'hush-4711'
const BASE = 'docker.io/library/debian:bullseye'
const DIGEST = `sha256:${'1'.repeat(64)}`
const JOB: Job = {
  target: 'reproducer',
  tag: 'cgo-deadlock/reproducer:1',
  buildArguments: { BASE, DEBIAN: BASE, GO: '1.17' },
  reusable: true,
}

let folder: string
let buildLog: BuildLog
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'build-one-'))
  buildLog = makeBuildLog(join(folder, 'build.log'))
})
afterEach(async () => {
  await buildLog.close()
  await rm(folder, { recursive: true, force: true })
})

interface World {
  /** How builds with and without the cache end: shell code */
  readonly cached: string
  readonly plain?: string
  /** What the engine knows of the base image in registries, as JSON */
  readonly digests?: string
  readonly seesImages?: boolean
  readonly signal?: AbortSignal
}

interface Tried {
  /** The builds that were started, each with the token that it was told */
  readonly builds: string[]
  readonly said: string[]
  readonly error: unknown
}

/** Builds with a stand-in for docker that notes each build. An image is there once a build has made the file `image`. */
async function build(world: World): Promise<Tried> {
  const command = join(folder, 'docker')
  const script = `#!/bin/sh
cd '${folder}'
case "$*" in
  'image inspect --format {{.Id}} '*) test -e image && echo sha256:1 ;;
  'image inspect --format {{json .RepoDigests}} '*) echo '${world.digests ?? `["debian@${DIGEST}"]`}' ;;
  *--cache-to*) echo "$ACTIONS_RUNTIME_TOKEN $*" >> builds; ${world.cached} ;;
  *) echo "$ACTIONS_RUNTIME_TOKEN $*" >> builds; ${world.plain ?? 'exit 0'} ;;
esac
`
  await writeFile(command, script)
  await chmod(command, 0o755)
  const client = buildxClient(command, 'default')
  const away = { ...buildxClient(command, 'away'), env: { ACTIONS_RUNTIME_TOKEN: TOKEN } }
  const said: string[] = []
  const say = (message: string): void => void said.push(message)
  const log = { ...SILENT, info: say, debug: say }
  const engine = { name: 'docker', command, version: '29', build: client } as const
  const tools = {
    deps: { engine, env: { PATH: '/usr/bin:/bin' }, log },
    client,
    layerCache: { client: away, seesImages: world.seesImages ?? false },
    context: { folder },
    secrets: [],
    buildLog,
  }
  const error: unknown = await buildOne(JOB, tools, world.signal).catch((thrown: unknown) => thrown)
  const noted = await readFile(join(folder, 'builds'), 'utf8')
  return { builds: noted.trimEnd().split('\n'), said, error }
}

describe('a build with layers kept between jobs', () => {
  it('is one build, by the builder that can keep them, which alone is told the token', async () => {
    const { builds, said, error } = await build({ cached: 'exit 0' })
    expect(error).toBeUndefined()
    expect(builds).toHaveLength(1)
    expect(builds[0]).toMatch(new RegExp(`^${TOKEN} buildx build --builder away --load`))
    expect(said.join('\n')).not.toContain(TOKEN)
  })

  it('names base images by their digests where the builder fetches them itself', async () => {
    const { builds } = await build({ cached: 'exit 0' })
    const pinned = `docker.io/library/debian@${DIGEST}`
    expect(builds[0]).toContain(`--build-arg BASE=${pinned} --build-arg DEBIAN=${pinned}`)
  })

  it("names them as they are where it is the daemon's own", async () => {
    const { builds } = await build({ cached: 'exit 0', seesImages: true, digests: '[]' })
    expect(builds).toHaveLength(1)
    expect(builds[0]).toContain(`--build-arg BASE=${BASE}`)
  })

  it.each(['[]', 'null', `["ghcr.io/owner/debian@${DIGEST}"]`])(
    'is not tried by another builder on a base that is in no registry: %s',
    async (digests) => {
      const { builds, said, error } = await build({ cached: 'exit 0', digests })
      expect(error).toBeUndefined()
      expect(builds).toEqual([expect.stringMatching(/^ buildx build --builder default/)])
      expect(builds[0]).not.toContain('gha')
      expect(said.join('\n')).toContain('its base is from no registry')
    },
  )
})

describe('when that fails', () => {
  it('builds once more as if there were no cache', async () => {
    const { builds, said, error } = await build({ cached: 'exit 1' })
    expect(error).toBeUndefined()
    expect(builds).toEqual([
      expect.stringContaining('--cache-to'),
      expect.stringMatching(/^ buildx build --builder default --load/),
    ])
    expect(builds[1]).not.toContain('gha')
    expect(builds[1]).toContain(`--build-arg BASE=${BASE}`)
    expect(said.join('\n')).toContain('it is built once more without')
  })

  it('is content where only what came after the image failed', async () => {
    const { builds, error } = await build({ cached: 'touch image; exit 1' })
    expect(error).toBeUndefined()
    expect(builds).toHaveLength(1)
  })

  it('fails where the build without does, with what that one said', async () => {
    const cached = 'echo "#5 0.1 the cache"; echo "#5 ERROR: x"; exit 1'
    const plain = 'echo "#5 0.1 no compiler"; echo "#5 ERROR: x"; exit 1'
    const { error } = await build({ cached, plain })
    expect(error).toBeInstanceOf(CommandError)
    expect(String(error)).toContain('no compiler')
    expect(String(error)).not.toContain('the cache')
  })

  it('does not begin again after a cancel', async () => {
    const { builds, said, error } = await build({
      cached: 'exec sleep 60',
      signal: AbortSignal.timeout(500),
    })
    expect(String(error)).toContain('was stopped')
    expect(builds).toHaveLength(1)
    expect(said.join('\n')).not.toContain('once more')
  })
})
