import { describe, expect, it } from 'vitest'
import { buildArguments, proxyArguments } from '../../src/image/arguments.js'
import type { BuildPlan } from '../../src/image/arguments.js'

const PLAN: BuildPlan = {
  client: { command: 'docker', args: ['buildx', 'build', '--load'], env: {}, builder: null },
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

  it('keeps layers of all stages under a name where it is given one, and never fails for that', () => {
    const args = buildArguments({ ...PLAN, layerScope: 'cgo-deadlock-tools-1' })
    expect(args.slice(3, 7)).toEqual([
      ...['--cache-from', 'type=gha,scope=cgo-deadlock-tools-1'],
      ...['--cache-to', 'type=gha,scope=cgo-deadlock-tools-1,mode=max,ignore-error=true'],
    ])
    expect(buildArguments(PLAN).join(' ')).not.toContain('cache')
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
