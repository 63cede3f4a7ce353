import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { unzipSync } from 'fflate'

const SERVICE = '/twirp/github.actions.results.api.v1.ArtifactService/'

export interface ResultsServer {
  /** What a runner puts into a step's environment */
  readonly environment: Readonly<Record<string, string>>
  /** Artifact name → file name → content */
  readonly artifacts: Map<string, Map<string, Uint8Array>>
  /** Holds an archive as an artifact that somebody else uploaded */
  put(name: string, zip: Uint8Array): void
  close(): Promise<void>
}

/** Stands in for GitHub's artifact service on loopback: takes uploads and gives them back over its real protocol. */
export async function startResultsServer(): Promise<ResultsServer> {
  const artifacts = new Map<string, Map<string, Uint8Array>>()
  const blocks = new Map<string, Buffer>()
  const numbers = new Map<string, number>()
  let base = ''

  function answer(
    path: string,
    query: URLSearchParams,
    body: Buffer,
    method: string,
  ): { status: number; text: string | Buffer } {
    if (path === `${SERVICE}CreateArtifact`) {
      const { name } = JSON.parse(body.toString()) as { name: string }
      if (artifacts.has(name)) return { status: 409, text: '{"msg":"already exists"}' }
      const url = `${base}/blob/${encodeURIComponent(name)}?sig=x`
      return { status: 200, text: JSON.stringify({ ok: true, signed_upload_url: url }) }
    }
    if (path === `${SERVICE}ListArtifacts`) return { status: 200, text: listText(body) }
    if (path === `${SERVICE}GetSignedArtifactURL`) {
      const { name } = JSON.parse(body.toString()) as { name: string }
      const url = `${base}/blob/${encodeURIComponent(name)}`
      return { status: 200, text: JSON.stringify({ signed_url: url }) }
    }
    if (path.startsWith('/blob/') && method === 'GET') {
      return { status: 200, text: blocks.get(path) ?? '' }
    }
    if (path.startsWith('/blob/')) {
      if (query.get('comp') === 'block') blocks.set(query.get('blockid') ?? '', body)
      else if (query.get('comp') === 'blocklist') joinBlocks(path, body.toString())
      else blocks.set(path, body)
      return { status: 201, text: '' }
    }
    if (path === `${SERVICE}FinalizeArtifact`) {
      const { name } = JSON.parse(body.toString()) as { name: string }
      keep(name, blocks.get(`/blob/${encodeURIComponent(name)}`) ?? Buffer.alloc(0))
      return {
        status: 200,
        text: JSON.stringify({ ok: true, artifact_id: String(artifacts.size) }),
      }
    }
    return { status: 404, text: `no ${path}` }
  }

  function keep(name: string, zip: Uint8Array): void {
    artifacts.set(name, new Map(Object.entries(unzipSync(Uint8Array.from(zip)))))
    numbers.set(name, artifacts.size)
  }

  function joinBlocks(path: string, list: string): void {
    const ids = [...list.matchAll(/<Latest>([^<]+)<\/Latest>/g)].map(([, id]) => id ?? '')
    blocks.set(path, Buffer.concat(ids.map((id) => blocks.get(id) ?? Buffer.alloc(0))))
  }

  /** All artifacts, or those with the name or the id asked for. */
  function listText(body: Buffer): string {
    const asked = JSON.parse(body.toString()) as { name_filter?: string; id_filter?: string }
    const listed = [...numbers]
      .filter(([name]) => asked.name_filter === undefined || asked.name_filter === name)
      .filter(([, id]) => asked.id_filter === undefined || asked.id_filter === String(id))
    return JSON.stringify({
      artifacts: listed.map(([name, id]) => ({
        workflow_run_backend_id: '11',
        workflow_job_run_backend_id: '22',
        database_id: String(id),
        name,
        size: '1',
      })),
    })
  }

  const server = createServer((request, response) => {
    const parts: Buffer[] = []
    request.on('data', (part: Buffer) => parts.push(part))
    request.on('end', () => {
      const url = new URL(request.url ?? '/', base)
      const { method = '' } = request
      const { status, text } = answer(url.pathname, url.searchParams, Buffer.concat(parts), method)
      const type = typeof text === 'string' ? 'application/json' : 'application/zip'
      response.writeHead(status, { 'content-type': type }).end(text)
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  return {
    artifacts,
    put: (name, zip) => {
      blocks.set(`/blob/${encodeURIComponent(name)}`, Buffer.from(zip))
      keep(name, zip)
    },
    environment: {
      ACTIONS_RESULTS_URL: `${base}/`,
      ACTIONS_RUNTIME_TOKEN: `e30.${Buffer.from('{"scp":"Actions.Results:11:22"}').toString('base64url')}.x`,
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
