import { parseSamplerLine } from '../watch/sampler.js'

/** Which process made which, and what threads each ever had, as the sampler tells. */
export interface Families {
  /** Takes a line of the sampler */
  add(line: string): void
  /** Thread ids of the process that forked another, also those that have ended: one may have left a lock held */
  parentLwps(pid: number): readonly number[]
}

export function recordFamilies(): Families {
  const parents = new Map<number, number>()
  const threads = new Map<number, Set<number>>()
  return {
    add(line) {
      if (!/^\{"event":"(process|thread)"/.test(line)) return
      const event = parseSamplerLine(line)
      // Named again when it becomes another program; by then its parent may have ended and an init taken its place.
      if (event?.event === 'process' && !parents.has(event.pid)) parents.set(event.pid, event.ppid)
      if (event?.event !== 'thread') return
      threads.set(event.pid, (threads.get(event.pid) ?? new Set<number>()).add(event.tid))
    },
    parentLwps: (pid) => [...(threads.get(parents.get(pid) ?? 0) ?? [])],
  }
}
