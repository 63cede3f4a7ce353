import { describe, expect, it } from 'vitest'
import { buildArguments, proxyArguments } from '../../src/image/arguments.js'
import type { BuildPlan } from '../../src/image/arguments.js'

const PLAN: BuildPlan = {
  client: { command: 'docker', args: ['buildx', 'build', '--load'], env: {} },
  target: 'reproducer',
  tag: 'cgo-deadlock/reproducer:1',
  buildArguments: { GO: '1.17', LIBGCC: 'static', SYMBOLIZER_IMPORT: undefined, EMPTY: '' },
  secrets: [{ id: 'ca', file: '/tmp/x/ca' }],
  context: '/tmp/x/context',
}

describe('buildArguments', () => {
  it("puts the client's own first and the context last", () => {
    expect(buildArguments(PLAN)).toEqual([
      ...['buildx', 'build', '--load', '--target', 'reproducer'],
      ...['--tag', 'cgo-deadlock/reproducer:1'],
      ...['--build-arg', 'GO=1.17', '--build-arg', 'LIBGCC=static'],
      ...['--secret', 'id=ca,src=/tmp/x/ca', '/tmp/x/context'],
    ])
  })

  it('keeps a hostile value in one argument', () => {
    const value = '$(touch /tmp/x) "; --privileged'
    const args = buildArguments({ ...PLAN, buildArguments: { SYMBOLIZER: value } })
    expect(args).toContain(`SYMBOLIZER=${value}`)
    expect(args).not.toContain('--privileged')
  })
})

describe('proxyArguments', () => {
  it('hands proxies on in both spellings, the small one first', () => {
    const env = { http_proxy: 'http://a', HTTP_PROXY: 'http://b', NO_PROXY: 'c', PATH: '/bin' }
    expect(proxyArguments(env)).toEqual({
      ...{ HTTP_PROXY: 'http://a', http_proxy: 'http://a' },
      ...{ NO_PROXY: 'c', no_proxy: 'c' },
    })
  })

  it('is empty without proxies', () => {
    expect(proxyArguments({ PATH: '/bin' })).toEqual({})
  })
})
