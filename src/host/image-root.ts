import { mkdir, mkdtemp, readdir, readlink, rm, symlink } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, relative } from 'node:path'
import type { Host } from '../container/containers.js'
import { withCreated } from '../container/created.js'
import { ConfigurationError } from '../errors.js'
import { runCommand } from '../exec.js'

const COMMAND_MS = 60_000
const COPY_MS = 600_000
const IMAGE_BYTES_MAX = 16 * 1024 * 1024 * 1024

/**
 * Puts an image's files into a folder for as long as `work` takes. Nothing of the image runs.
 * @throws ConfigurationError when there is no such image, or it is too large; CommandError when the engine fails
 */
export async function withImageRoot<T>(
  image: string,
  host: Host,
  signal: AbortSignal,
  work: (root: string) => Promise<T>,
): Promise<T> {
  await refuseLarge(image, host)
  const folder = await mkdtemp(join(tmpdir(), 'cgo-deadlock-image-'))
  try {
    const archive = join(folder, 'image.tar')
    const root = join(folder, 'root')
    const options = { env: host.env, signal, deadlineMs: COPY_MS }
    await withCreated(image, host, (container) =>
      runCommand(host.engine.command, ['export', '--output', archive, container], options),
    )
    await mkdir(root)
    await runCommand(
      'tar',
      ['-x', '-f', archive, '-C', root, '--no-same-owner', '--exclude=dev'],
      options,
    )
    await rm(archive)
    await turnLinksInwards(root)
    return await work(root)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

async function refuseLarge(image: string, { engine, env }: Host): Promise<void> {
  const inspect = ['image', 'inspect', '--format', '{{.Size}}', image]
  const options = { env, deadlineMs: COMMAND_MS, allowFailure: true }
  const { exitCode, stdout } = await runCommand(engine.command, inspect, options)
  if (exitCode !== 0)
    throw new ConfigurationError(
      `--image is ${JSON.stringify(image)}, which ${engine.name} does not have. Fetch it first: ${engine.name} pull ${image}`,
    )
  if (Number(stdout) > IMAGE_BYTES_MAX)
    throw new ConfigurationError(
      `--image is ${JSON.stringify(image)}, which is larger than ${IMAGE_BYTES_MAX / 1024 ** 3} GiB. Unpack the files that the core needs, and give --sysroot.`,
    )
}

/** gdb follows an absolute link (/lib64/ld-linux-x86-64.so.2 up to Debian 12) to this host's own files: makes them relative. */
async function turnLinksInwards(root: string, folder = root): Promise<void> {
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name)
    if (entry.isDirectory()) await turnLinksInwards(root, path)
    const target = entry.isSymbolicLink() ? await readlink(path) : ''
    if (!target.startsWith('/')) continue
    await rm(path)
    await symlink(relative(folder, join(root, target)), path)
  }
}
