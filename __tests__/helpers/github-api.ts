import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { zipSync } from 'fflate'

/** An earlier run of a workflow, and the artifacts that it has. */
export interface EarlierRun {
  readonly id: number
  readonly workflow: string
  readonly artifacts: Readonly<Record<string, Readonly<Record<string, string>>>>
}

export interface GitHubApi {
  /** What a runner puts into a step's environment */
  readonly environment: Readonly<Record<string, string>>
  /** Paths with queries, as they were asked for */
  readonly asked: string[]
  close(): Promise<void>
}

/**
 * Stands in for GitHub's API on loopback: runs of a workflow, their artifacts, and these as zip files.
 * @param token the only one that it takes
 */
export async function startGitHubApi(
  runs: readonly EarlierRun[],
  token: string,
): Promise<GitHubApi> {
  const asked: string[] = []
  const artifacts = runs.flatMap((run) =>
    Object.entries(run.artifacts).map(([name, files]) => ({ run: run.id, name, files })),
  )
  let base = ''

  function answer(path: string): { status: number; body: unknown } {
    const workflow = /\/actions\/workflows\/([^/]+)\/runs$/.exec(path)?.[1]
    if (workflow !== undefined) {
      const found = runs.filter((run) => run.workflow === workflow)
      return {
        status: 200,
        body: { total_count: found.length, workflow_runs: found.map(({ id }) => ({ id })) },
      }
    }
    const run = /\/actions\/runs\/(\d+)\/artifacts$/.exec(path)?.[1]
    if (run === undefined) return { status: 404, body: { message: `no ${path}` } }
    const found = artifacts
      .map((artifact, at) => ({
        id: at + 1,
        name: artifact.name,
        size_in_bytes: 1,
        run: artifact.run,
      }))
      .filter((artifact) => artifact.run === Number(run))
    return { status: 200, body: { total_count: found.length, artifacts: found } }
  }

  const server = createServer((request, response) => {
    const url = new URL(request.url ?? '/', base)
    asked.push(`${url.pathname}${url.search}`)
    const zip = /^\/zip\/(\d+)$/.exec(url.pathname)?.[1]
    const download = /\/actions\/artifacts\/(\d+)\/zip$/.exec(url.pathname)?.[1]
    if (zip !== undefined) {
      const files = Object.entries(artifacts[Number(zip) - 1]?.files ?? {}).map(
        ([name, text]) => [name, Uint8Array.from(Buffer.from(text))] as const,
      )
      response.writeHead(200, { 'content-type': 'application/zip' })
      response.end(zipSync(Object.fromEntries(files)))
    } else if (request.headers.authorization !== `token ${token}`) {
      response.writeHead(403, { 'content-type': 'application/json' })
      response.end('{"message":"Resource not accessible by integration"}')
    } else if (download !== undefined) {
      response.writeHead(302, { location: `${base}/zip/${download}` }).end()
    } else {
      const { status, body } = answer(url.pathname)
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
    }
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  return {
    asked,
    environment: {
      GITHUB_API_URL: base,
      GITHUB_WORKFLOW_REF: 'owner/repository/.github/workflows/compatibility.yml@refs/heads/main',
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => {
          resolve()
        })
        server.closeAllConnections()
      }),
  }
}
