import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { makeRing } from '../src/ring.js'

describe('makeRing', () => {
  it('keeps everything that fits', () => {
    fc.assert(
      fc.property(fc.array(fc.string({ maxLength: 8 }), { maxLength: 8 }), (parts) => {
        const ring = makeRing(1_000, 1_000)
        for (const part of parts) ring.add(Buffer.from(part))
        expect(ring.text()).toBe(parts.join(''))
        expect(ring.truncated()).toBe(false)
      }),
    )
  })

  it('keeps head and tail, and says how much is gone, however the bytes arrive', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 30 }), { minLength: 8 }), (sizes) => {
        const ring = makeRing(10, 10)
        const all = sizes.map((size, index) => String(index % 10).repeat(size)).join('')
        let at = 0
        for (const size of sizes) {
          ring.add(Buffer.from(all.slice(at, at + size)))
          at += size
        }
        const lost = all.length - 20
        const gap = lost > 0 ? `\n[… ${lost} bytes left out …]\n` : ''
        const tail = lost > 0 ? all.slice(-10) : all.slice(10)
        expect(ring.text()).toBe(all.slice(0, 10) + gap + tail)
        expect(ring.truncated()).toBe(lost > 0)
      }),
    )
  })
})
