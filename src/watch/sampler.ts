import { z } from 'zod'
import type { SamplerEvent } from './types.js'

const count = z.number().nonnegative()
const id = z.int().nonnegative()
const address = z.string().regex(/^0x[0-9a-f]{1,16}$/)

const FutexWait = z.object({
  address,
  op: id,
  value: z.int().nonnegative(),
  timed: z.boolean(),
})

const ThreadCounters = z.object({
  tid: id,
  throws: count,
  signals: count,
  unwinds: count,
  exposures: count,
})

const head = { t: count }
const thread = { t: count, pid: id, tid: id }

const Line: z.ZodType<SamplerEvent> = z.discriminatedUnion('event', [
  z.object({ event: z.literal('hello'), ...head, version: z.literal(1), interval: count }),
  z.object({
    event: z.literal('process'),
    ...head,
    pid: id,
    ppid: id,
    name: z.string(),
    exe: z.string().nullable(),
    uid: z.int(),
    counters: z.boolean(),
  }),
  z.object({ event: z.literal('process-end'), ...head, pid: id }),
  z.object({ event: z.literal('thread'), ...thread, name: z.string() }),
  z.object({ event: z.literal('thread-end'), ...thread }),
  z.object({
    event: z.literal('tick'),
    ...head,
    pid: id,
    threads: id,
    moved: z.array(z.tuple([id, count, count, count])),
  }),
  z.object({
    event: z.literal('still'),
    ...thread,
    state: z.string(),
    syscall: z.int().nullable(),
    futex: FutexWait.nullable(),
    pc: address.nullable(),
    sp: address.nullable(),
    blocked: address.nullable(),
    pcFile: z.string().nullable(),
    futexFile: z.string().nullable(),
  }),
  z.object({
    event: z.literal('pc'),
    ...thread,
    pc: address,
    file: z.string().nullable(),
    offset: address.nullable(),
  }),
  z.object({
    event: z.literal('counters'),
    ...head,
    pid: id,
    threads: z.array(ThreadCounters),
    terminated: id,
  }),
  z.object({ event: z.literal('paused'), ...head }),
  z.object({ event: z.literal('resumed'), ...head }),
  z.object({
    event: z.literal('trouble'),
    ...head,
    pid: id.nullable(),
    message: z.string(),
  }),
])

/**
 * One line of the sampler, `{"event":"thread-end","t":301,"pid":7,"tid":9}`, as an event. Null for anything else: the
 * stream may begin or end in the middle of a line.
 */
export function parseSamplerLine(line: string): SamplerEvent | null {
  let json: unknown
  try {
    json = JSON.parse(line)
  } catch {
    return null
  }
  const parsed = Line.safeParse(json)
  return parsed.success ? parsed.data : null
}
