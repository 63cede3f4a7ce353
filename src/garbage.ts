import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

const EVERY_BYTES = 8 * 1024 * 1024

/**
 * Keeps the memory of a flood of chunks low. Each chunk of a pipe lies outside V8's heap, and V8 lets 64 MiB of them pile up
 * before it looks for dead ones; asked after every 8 MiB, it frees them for next to nothing.
 * @returns to be told the size of every chunk
 */
export function makeCollector(): (bytes: number) => void {
  let passed = 0
  let collect: ((options: { type: 'minor' }) => void) | undefined
  return (bytes) => {
    passed += bytes
    if (passed < EVERY_BYTES) return
    passed = 0
    collect ??= findCollector()
    collect({ type: 'minor' })
  }
}

/** V8 gives its collector's function to contexts made after this flag is set. */
function findCollector(): (options: { type: 'minor' }) => void {
  setFlagsFromString('--expose-gc')
  return runInNewContext('gc') as (options: { type: 'minor' }) => void
}
