import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DefaultArtifactClient } from '@actions/artifact'
import { vi } from 'vitest'
import { Result } from '../../src/result/schema.js'
import type { ResultsServer } from '../helpers/results-server.js'

/** What act hands on to steps, so that their artifacts go to that server. */
export function serverVariables({ environment }: ResultsServer): Record<string, string> {
  const { ACTIONS_RESULTS_URL = '', ...token } = environment
  return { ...token, ACTIONS_RUNTIME_URL: ACTIONS_RESULTS_URL }
}

/** Fetches an artifact as a later job would, with the toolkit's own client. */
export async function fetchResult(server: ResultsServer, name: string): Promise<Result> {
  for (const [variable, value] of Object.entries(server.environment)) vi.stubEnv(variable, value)
  vi.stubEnv('GITHUB_SERVER_URL', 'https://github.com')
  const folder = await mkdtemp(join(tmpdir(), 'artifact-'))
  try {
    const client = new DefaultArtifactClient()
    const { artifact } = await client.getArtifact(name)
    await client.downloadArtifact(artifact.id, { path: folder })
    return Result.parse(JSON.parse(await readFile(join(folder, 'result.json'), 'utf8')))
  } finally {
    vi.unstubAllEnvs()
    await rm(folder, { recursive: true, force: true })
  }
}
