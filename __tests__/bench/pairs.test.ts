import { describe, expect, it } from 'vitest'
import { ratios, takePairs } from '../../bench/pairs.js'
import { SILENT } from '../../src/log.js'

function makeWorkplace(signal = new AbortController().signal): Parameters<typeof takePairs>[0] {
  return { deps: { env: {}, log: SILENT, signal }, say: () => undefined }
}

describe('pairs', () => {
  it('take turns in going first, and are prepared for each time', async () => {
    const order: string[] = []
    const note = (name: string, result: number) => (): Promise<number> => {
      order.push(name)
      return Promise.resolve(result)
    }
    const pairs = await takePairs(makeWorkplace(), 3, {
      ours: note('ours', 1),
      beside: note('beside', 2),
      prepare: () => note('prepare', 0)().then(() => undefined),
      figure: Number,
    })
    expect(order.join(' ')).toBe('prepare ours beside prepare beside ours prepare ours beside')
    expect(pairs).toEqual(Array(3).fill({ ours: 1, beside: 2 }))
  })

  it('end between two pairs when they are cancelled', async () => {
    const stop = new AbortController()
    let taken = 0
    const side = (): Promise<number> => {
      taken += 1
      stop.abort()
      return Promise.resolve(1)
    }
    const pairs = takePairs(makeWorkplace(stop.signal), 5, {
      ours: side,
      beside: side,
      figure: Number,
    })
    await expect(pairs).rejects.toThrow('aborted')
    expect(taken).toBe(2)
  })

  it('are compared within themselves, so that a slow minute meets both sides', () => {
    const pairs = [
      { ours: 99, beside: 100 },
      { ours: 49.5, beside: 50 },
    ]
    expect(ratios(pairs)).toEqual([0.99, 0.99])
  })
})
