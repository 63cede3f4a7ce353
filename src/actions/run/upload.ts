import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { DefaultArtifactClient } from '@actions/artifact'

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

/**
 * Uploads all files of the folder as one artifact.
 * @throws whatever the artifact client throws: no service here, a name already taken, a server error
 */
export async function uploadFolder(
  name: string,
  folder: string,
  retentionDays: number | undefined,
  environment: Readonly<Record<string, string | undefined>>,
): Promise<UploadedArtifact> {
  const entries = await readdir(folder, { withFileTypes: true })
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(folder, entry.name))
  const { id } = await new DefaultArtifactClient().uploadArtifact(
    name,
    files,
    folder,
    retentionDays === undefined ? {} : { retentionDays },
  )
  if (id === undefined) throw new Error('the artifact service gave no id')
  const { GITHUB_SERVER_URL, GITHUB_REPOSITORY, GITHUB_RUN_ID } = environment
  return {
    id,
    url: `${GITHUB_SERVER_URL ?? 'https://github.com'}/${GITHUB_REPOSITORY ?? ''}/actions/runs/${GITHUB_RUN_ID ?? ''}/artifacts/${id}`,
  }
}
