import { describe, expect, it } from 'vitest'
import { layerScope } from '../../src/image/jobs.js'

const VALUES = { BASE: 'docker.io/library/debian:sid', GO: '1.27.4', LIBGCC: 'shared' }
const scope = (
  values: Record<string, string | undefined>,
  target: 'program' | 'tools' = 'program',
) => layerScope({ target, buildArguments: values })

describe('layerScope', () => {
  it('is another for each target and each toolchain', () => {
    const scopes = [
      scope(VALUES),
      scope(VALUES, 'tools'),
      scope({ ...VALUES, LIBGCC: 'static' }),
      scope({ ...VALUES, BASE: 'docker.io/library/debian:trixie' }),
    ]
    expect(new Set(scopes).size).toBe(4)
    for (const one of scopes) expect(one).toMatch(/^cgo-deadlock-(program|tools)-[0-9a-f]{16}$/)
  })

  it('is the same when a symbolizer without a fixed version is asked for at another time', () => {
    const asked = (at: string): string => scope({ ...VALUES, SYMBOLIZER_ASKED_AT: at })
    expect(asked('2026-11-27T10:00:00Z')).toBe(asked('2026-11-28T10:00:00Z'))
  })

  it('keeps a hostile value out of the options that it becomes part of', () => {
    expect(scope({ ...VALUES, PROGRAM: 'x,token=1,url=http://a/' })).not.toMatch(/[,=]/)
  })
})
