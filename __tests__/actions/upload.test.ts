import * as fc from 'fast-check'
import { expect, it } from 'vitest'
import { artifactName } from '../../src/actions/run/upload.js'

it('makes a legal artifact name of anything', () => {
  expect(artifactName('go1.17 / glibc:2.31 "x"\n')).toBe('go1.17-glibc-2.31-x')
  fc.assert(
    fc.property(fc.string(), (text) => {
      expect(artifactName(text)).toMatch(/^[A-Za-z0-9._+-]*$/)
    }),
  )
})
