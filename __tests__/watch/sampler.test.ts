import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseSamplerLine } from '../../src/watch/sampler.js'
import { readRun } from '../helpers/replay.js'

describe('parseSamplerLine', () => {
  it('takes every line of a real run unchanged', () => {
    const events = readRun('reproducer-deadlock').flatMap((event) =>
      event.type === 'sampler' ? [event.event] : [],
    )
    expect(events.length).toBeGreaterThan(50)
    for (const event of events) expect(parseSamplerLine(JSON.stringify(event))).toEqual(event)
  })

  it('is null for a line that was cut anywhere', () => {
    const line = '{"event":"tick","t":401,"pid":7,"threads":2,"moved":[[7,12,0,90],[9,3,1,4]]}'
    expect(parseSamplerLine(line)).toMatchObject({ event: 'tick', threads: 2 })
    for (let at = 0; at < line.length; at += 1)
      expect(parseSamplerLine(line.slice(0, at))).toBeNull()
  })

  it.each([
    ['an event of another version', '{"event":"hello","t":0,"version":2,"interval":100}'],
    ['an unknown event', '{"event":"surprise","t":0}'],
    ['a missing field', '{"event":"thread","t":1,"pid":7,"name":"x"}'],
    [
      'an address that is none',
      '{"event":"pc","t":1,"pid":7,"tid":9,"pc":"7f","file":null,"offset":null}',
    ],
    ['a negative number', '{"event":"thread-end","t":1,"pid":-7,"tid":9}'],
    ['a tick of three columns', '{"event":"tick","t":1,"pid":7,"threads":1,"moved":[[7,1,2]]}'],
    ['no object', '[]'],
    ['nothing', ''],
  ])('is null for %s', (_title, line) => {
    expect(parseSamplerLine(line)).toBeNull()
  })

  it('never throws', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.json()), (line) => {
        parseSamplerLine(line)
      }),
    )
  })
})
