import { gunzipSync } from 'node:zlib'
import { Profile } from 'pprof-format'
import type { Traceback } from './schema.js'

/** The line of native/reproducer's -spin. */
const LINE =
  /^Spin tracebacks=(\d+) frames=(\d+) nanoseconds=(\d+) profile=([A-Za-z0-9+/]+={0,2})$/m
/** A profile of a second takes some kilobytes; what unpacks to more than this is none of ours. */
const PROFILE_BYTES_MAX = 16 * 1024 * 1024
const NAMES_MAX = 32

/**
 * Reads what native/reproducer's -spin prints.
 * @returns null where the line is not there
 * @throws Error when its profile is not one that pprof writes
 */
export function readTraceback(output: string): Traceback | null {
  const [, made, frames, nanoseconds, profile] = LINE.exec(output) ?? []
  if (profile === undefined) return null
  const stacks = readStacks(Buffer.from(profile, 'base64'))
  const named = stacks.filter(({ names }) => names.length > 0)
  return {
    made: Number(made),
    frames: Number(frames),
    microseconds: Number(made) === 0 ? null : Number(nanoseconds) / Number(made) / 1000,
    samples: sum(stacks),
    named: sum(named),
    names: mostFrequent(named),
  }
}

/** A stack of the profile: how often it was met, and the functions of C on top of Go's, innermost first. */
interface Stack {
  readonly count: number
  readonly names: readonly string[]
}

function readStacks(profile: Buffer): Stack[] {
  const unpacked = gunzipSync(profile, { maxOutputLength: PROFILE_BYTES_MAX })
  const { sample, location, function: functions, stringTable } = Profile.decode(unpacked)
  const nameOf = new Map(functions.map(({ id, name }) => [id, stringTable.strings[Number(name)]]))
  const namesAt = new Map(
    location.map(({ id, line }) => [
      id,
      line.map(({ functionId }) => nameOf.get(functionId) ?? ''),
    ]),
  )
  return sample.map(({ locationId, value }) => {
    const names = locationId.flatMap((id) => namesAt.get(id) ?? [])
    const go = names.findIndex(isGo)
    const ofC = (go < 0 ? names : names.slice(0, go)).filter((name) => name !== '')
    return { count: Number(value[0] ?? 0), names: ofC.slice(0, NAMES_MAX) }
  })
}

/** Go's own names have their package before a dot; cgo's wrappers in C begin with _cgo_. */
function isGo(name: string): boolean {
  return /^[\w/.%-]+\.[\w(*)·.[\]-]+$/.test(name) || name.startsWith('_cgo_')
}

function sum(stacks: readonly Stack[]): number {
  return stacks.reduce((total, { count }) => total + count, 0)
}

function mostFrequent(stacks: readonly Stack[]): string[] {
  const counts = new Map<string, Stack>()
  for (const { names, count } of stacks) {
    const key = names.join('\n')
    counts.set(key, { names, count: count + (counts.get(key)?.count ?? 0) })
  }
  const [first] = [...counts.values()].toSorted((a, b) => b.count - a.count)
  return [...(first?.names ?? [])]
}
