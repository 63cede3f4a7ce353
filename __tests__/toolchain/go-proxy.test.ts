import { mkdir, mkdtemp, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { Server } from 'node:http'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Duplex } from 'node:stream'
import { pathToFileURL } from 'node:url'
import { afterEach, describe, expect, it } from 'vitest'
import { askGoProxy, parseGoProxy } from '../../src/toolchain/go-proxy.js'

const servers: Server[] = []

afterEach(async () => {
  await Promise.all(
    servers.splice(0).map((server) => new Promise((closed) => server.close(closed))),
  )
})

interface Seen {
  readonly address: string
  readonly requests: { path: string; authorization: string | undefined }[]
}

/** A module proxy on loopback that gives the answers in turn, the last one for ever. */
async function serve(
  ...answers: readonly (readonly [status: number, text: string])[]
): Promise<Seen> {
  const requests: Seen['requests'] = []
  const server = createServer((request, response) => {
    const [status, text] = answers[Math.min(requests.length, answers.length - 1)] ?? [500, '']
    requests.push({ path: request.url ?? '', authorization: request.headers.authorization })
    response.writeHead(status).end(text)
  })
  servers.push(server)
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening))
  const address = server.address()
  const port = typeof address === 'object' ? address?.port : undefined
  return { address: `http://127.0.0.1:${port}`, requests }
}

const PATH = 'golang.org/toolchain/@v/list'

describe('parseGoProxy', () => {
  it('knows both separators', () => {
    expect(parseGoProxy('https://a,https://b|direct')).toEqual([
      { address: 'https://a', nextOnAnyError: false },
      { address: 'https://b', nextOnAnyError: true },
      { address: 'direct', nextOnAnyError: false },
    ])
  })

  it('leaves out empty entries', () => {
    expect(parseGoProxy(',, https://a ,')).toEqual([
      { address: 'https://a', nextOnAnyError: false },
    ])
  })
})

describe('askGoProxy', () => {
  it('asks below the address and sends its credentials as a header', async () => {
    const proxy = await serve([200, 'v1\n'])
    const address = proxy.address.replace('http://', 'http://me:s%40fe@') + '/sub/'
    expect(await askGoProxy(PATH, { GOPROXY: address })).toEqual({ kind: 'found', text: 'v1\n' })
    expect(proxy.requests).toEqual([
      { path: `/sub/${PATH}`, authorization: `Basic ${Buffer.from('me:s@fe').toString('base64')}` },
    ])
  })

  it.each([403, 404, 410])('goes on to the next after %i', async (status) => {
    const first = await serve([status, ''])
    const second = await serve([200, 'here'])
    const answer = await askGoProxy(PATH, { GOPROXY: `${first.address},${second.address}` })
    expect(answer).toEqual({ kind: 'found', text: 'here' })
    expect(first.requests).toHaveLength(1)
  })

  it('tries again after a fault of the moment', async () => {
    const proxy = await serve([503, ''], [200, 'late'])
    expect(await askGoProxy(PATH, { GOPROXY: proxy.address })).toEqual({
      kind: 'found',
      text: 'late',
    })
  })

  it('stops at a comma after any other error, and goes on after a bar', async () => {
    const broken = await serve([401, ''])
    const good = await serve([200, 'here'])
    expect(await askGoProxy(PATH, { GOPROXY: `${broken.address},${good.address}` })).toMatchObject({
      kind: 'unreadable',
      reason: expect.stringContaining('401') as string,
    })
    expect(await askGoProxy(PATH, { GOPROXY: `${broken.address}|${good.address}` })).toEqual({
      kind: 'found',
      text: 'here',
    })
  })

  it('says that a proxy has not got it, or that none may be asked', async () => {
    const proxy = await serve([404, ''])
    expect(await askGoProxy(PATH, { GOPROXY: `${proxy.address},direct` })).toEqual({
      kind: 'missing',
    })
    expect(await askGoProxy(PATH, { GOPROXY: 'off' })).toMatchObject({ reason: 'GOPROXY says off' })
    expect(await askGoProxy(PATH, { GOPROXY: 'direct' })).toMatchObject({
      reason: 'GOPROXY says direct',
    })
  })

  it('reads a proxy in the file system', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'go-proxy-'))
    await mkdir(join(folder, 'golang.org/toolchain/@v'), { recursive: true })
    await writeFile(join(folder, PATH), 'v2\n')
    const GOPROXY = pathToFileURL(folder).href
    expect(await askGoProxy(PATH, { GOPROXY })).toEqual({ kind: 'found', text: 'v2\n' })
    expect(await askGoProxy('other', { GOPROXY })).toEqual({ kind: 'missing' })
  })

  it('goes through the HTTP proxy of the environment, but not to what no_proxy names', async () => {
    const proxy = await serve([200, 'here'])
    const tunnel = await serve([500, ''])
    const tunnelled: string[] = []
    servers.at(-1)?.on('connect', (request, socket: Duplex) => {
      tunnelled.push(request.url ?? '')
      const onward = connect(Number(new URL(proxy.address).port), '127.0.0.1', () => {
        socket.write('HTTP/1.1 200 OK\r\n\r\n')
        onward.pipe(socket).pipe(onward)
      })
    })
    const env = { GOPROXY: 'http://proxy.invalid', http_proxy: tunnel.address }
    expect(await askGoProxy(PATH, env)).toEqual({ kind: 'found', text: 'here' })
    expect(tunnelled).toEqual(['proxy.invalid:80'])
    const around = { ...env, GOPROXY: proxy.address, no_proxy: '127.0.0.1' }
    expect(await askGoProxy(PATH, around)).toEqual({ kind: 'found', text: 'here' })
    expect(tunnelled).toHaveLength(1)
  })

  it('takes an empty GOPROXY at its word', async () => {
    expect(await askGoProxy(PATH, { GOPROXY: '', PATH: '/nowhere' })).toMatchObject({
      kind: 'unreadable',
      reason: expect.stringContaining('names no proxy') as string,
    })
  })

  it('ends at once when cancelled', async () => {
    const proxy = await serve([503, ''])
    const cancelled = askGoProxy(
      PATH,
      { GOPROXY: proxy.address },
      AbortSignal.abort(new Error('stop')),
    )
    await expect(cancelled).rejects.toThrow('stop')
  })
})
