import { randomBytes } from 'node:crypto'
import { ConfigurationError } from '../errors.js'
import { runCommand } from '../exec.js'
import { RUN_LABEL } from './arguments.js'
import { removeContainers } from './containers.js'
import type { Host } from './containers.js'

const COMMAND_MS = 60_000

/**
 * Makes a container of an image for as long as `work` takes. It is never started: it only has the image's files.
 * @throws ConfigurationError when the engine does not have the image; CommandError when it fails
 */
export async function withCreated<T>(
  image: string,
  host: Host,
  work: (container: string) => Promise<T>,
): Promise<T> {
  const { engine, env } = host
  await refuseMissing(image, host)
  const id = randomBytes(5).toString('hex')
  const name = `cgo-deadlock-${id}-files`
  const create = ['create', '--name', name, '--label', `${RUN_LABEL}=${id}`, '--network', 'none']
  try {
    await runCommand(engine.command, [...create, image, 'none'], { env, deadlineMs: COMMAND_MS })
    return await work(name)
  } finally {
    await removeContainers(host, id)
  }
}

async function refuseMissing(image: string, { engine, env }: Host): Promise<void> {
  const options = { env, deadlineMs: COMMAND_MS, allowFailure: true }
  const { exitCode } = await runCommand(engine.command, ['image', 'inspect', image], options)
  if (exitCode !== 0)
    throw new ConfigurationError(
      `There is no image ${JSON.stringify(image)}: ${engine.name} does not have it. Fetch it first: ${engine.name} pull ${image}`,
    )
}
