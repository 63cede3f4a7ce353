import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { DefaultArtifactClient } from '@actions/artifact'
import { getOctokit } from '@actions/github'
import { within } from '../../deadline.js'
import { ConfigurationError, errorMessage } from '../../errors.js'
import type { Compat } from '../../matrix/compat.js'
import { readCompat } from '../../matrix/read-results.js'

/** Which run's table is wanted. */
export interface ScheduledQuery {
  /** Workflow file; null: that of this run */
  readonly workflow: string | null
  readonly artifactName: string
  readonly token: string
  /** Folder for the download */
  readonly folder: string
  /** The runner's variables: GITHUB_REPOSITORY, GITHUB_WORKFLOW_REF */
  readonly environment: Readonly<Record<string, string | undefined>>
}

/** GitHub's API answers within seconds; one that does not answer must not hold the table back. */
const ANSWER_MS = 60_000

/** The table of an earlier run, or a sentence that says why there is none. */
export type ScheduledBaseline =
  { readonly compat: Compat; readonly where: string } | { readonly reason: string }

/**
 * The table that the last successful scheduled run of a workflow uploaded.
 * @throws ConfigurationError when GitHub's API refuses or does not answer; says which permission is needed
 */
export async function findLastScheduled(query: ScheduledQuery): Promise<ScheduledBaseline> {
  const workflow = query.workflow ?? workflowFile(query.environment)
  try {
    const late = `GitHub's API gave no answer within ${ANSWER_MS / 1000} s`
    return await within(ANSWER_MS, fetchScheduled(query, workflow), late)
  } catch (error) {
    throw new ConfigurationError(
      `The last scheduled run of ${workflow} can't be asked for: ${errorMessage(error)}. ` +
        'The job needs the permission `actions: read`, and the workflow file must exist on the default branch.',
      { cause: error },
    )
  }
}

async function fetchScheduled(query: ScheduledQuery, workflow: string): Promise<ScheduledBaseline> {
  const [owner = '', repo = ''] = (query.environment['GITHUB_REPOSITORY'] ?? '').split('/')
  const octokit = getOctokit(query.token)
  const { data } = await octokit.rest.actions.listWorkflowRuns({
    ...{ owner, repo, workflow_id: workflow },
    ...{ event: 'schedule', status: 'success', per_page: 1 },
  })
  const run = data.workflow_runs[0]
  if (run === undefined) return { reason: `No scheduled run of ${workflow} has succeeded yet.` }
  const where = `run ${run.id} of ${workflow}`
  const findBy = {
    ...{ token: query.token, workflowRunId: run.id },
    ...{ repositoryOwner: owner, repositoryName: repo },
  }
  const client = new DefaultArtifactClient()
  const { artifacts } = await client.listArtifacts({ findBy, latest: true })
  const artifact = artifacts.find(({ name }) => name === query.artifactName)
  if (artifact === undefined) {
    return { reason: `The last, ${where}, has no artifact ${query.artifactName} any more.` }
  }
  await client.downloadArtifact(artifact.id, { path: query.folder, findBy })
  const compat = readCompat(await readFile(join(query.folder, 'compat.json'), 'utf8'))
  return 'reason' in compat
    ? { reason: `The table of ${where} can't be used. ${compat.reason}` }
    : { compat, where }
}

/** `owner/repo/.github/workflows/name.yml@refs/heads/main` → `name.yml` */
function workflowFile(environment: ScheduledQuery['environment']): string {
  const reference = environment['GITHUB_WORKFLOW_REF'] ?? ''
  return /\/([^/@]+)@/.exec(reference)?.[1] ?? ''
}
