import { readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { within } from '../../deadline.js'
import { BASE_FOLDER } from '../../experiment/comparison.js'

/** A finished upload. */
export interface UploadedArtifact {
  readonly id: number
  /** Where a signed-in person can fetch it */
  readonly url: string
}

/**
 * A name that the artifact service takes: it forbids `" : < > | * ? \ /` and line breaks (actions/toolkit,
 * artifact's path-and-artifact-name-validation), and anything else unusual becomes a dash too.
 * @example artifactName('go1.17 / glibc:2.31') → 'go1.17-glibc-2.31'
 */
export function artifactName(wanted: string): string {
  return wanted
    .replaceAll(/[^A-Za-z0-9._+-]+/g, '-')
    .replaceAll(/^-+|-+$/g, '')
    .slice(0, 200)
}

/** However little there is, and for each MiB besides; the client itself tries a silent service for a quarter of an hour. */
const UPLOAD_MS = 60_000
const UPLOAD_MS_PER_MIB = 2_000

/**
 * Uploads all files of the folder, and of the one in it for the other side of a comparison, as one artifact.
 * @throws whatever the artifact client throws: no service here, a name already taken, a server error; Error when the
 *   service gives no answer in time, or the run is cancelled. The client's connections may then still be open.
 */
export async function uploadFolder(
  name: string,
  folder: string,
  retentionDays: number | undefined,
  environment: Readonly<Record<string, string | undefined>>,
  signal?: AbortSignal,
): Promise<UploadedArtifact> {
  const files = await listFiles(folder)
  const sizes = await Promise.all(files.map(async (file) => (await stat(file)).size))
  const mebibytes = sizes.reduce((sum, size) => sum + size, 0) / 1024 ** 2
  const limitMs = UPLOAD_MS + Math.ceil(mebibytes) * UPLOAD_MS_PER_MIB
  const late = `the artifact service gave no answer within ${limitMs / 1000} s`
  const id = await within(limitMs, upload(name, files, folder, retentionDays), late, signal)
  const { GITHUB_SERVER_URL, GITHUB_REPOSITORY, GITHUB_RUN_ID } = environment
  return {
    id,
    url: `${GITHUB_SERVER_URL ?? 'https://github.com'}/${GITHUB_REPOSITORY ?? ''}/actions/runs/${GITHUB_RUN_ID ?? ''}/artifacts/${id}`,
  }
}

/** Our own files, and those of the other side of a comparison. What else there may be, links above all, stays where it is. */
async function listFiles(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true })
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(folder, entry.name))
  const base = entries.find((entry) => entry.isDirectory() && entry.name === BASE_FOLDER)
  return base === undefined ? files : [...files, ...(await listFiles(join(folder, base.name)))]
}

async function upload(
  name: string,
  files: string[],
  folder: string,
  retentionDays: number | undefined,
): Promise<number> {
  // Loaded only now: it takes 40 MB of memory, which a run does without.
  const { DefaultArtifactClient } = await import('@actions/artifact')
  const { id } = await new DefaultArtifactClient().uploadArtifact(
    name,
    files,
    folder,
    retentionDays === undefined ? {} : { retentionDays },
  )
  if (id === undefined) throw new Error('the artifact service gave no id')
  return id
}
