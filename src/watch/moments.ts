import type { Ending, Suspicion } from './types.js'

/** A suspicion in a few words. */
export function describeSuspicion({ kind, tids, sinceMs }: Suspicion): string {
  const some =
    tids.length > 4 ? `${tids.slice(0, 4).join(', ')} and ${tids.length - 4} more` : tids.join(', ')
  const threads = `${tids.length === 1 ? 'thread' : 'threads'} ${some}`
  const since = `since ${(sinceMs / 1000).toFixed(1)} s`
  switch (kind) {
    case 'stuck':
      return `suspicion: ${threads} stuck in a wait ${since}`
    case 'spinning':
      return `suspicion: ${threads} busy without progress ${since}`
    case 'terminated':
      return `suspicion: ${threads} reached std::terminate`
  }
}

/** Why a run ended, in a few words. */
export function describeEnding(ending: Ending): string {
  switch (ending.reason) {
    case 'silent':
      return `no output for ${(ending.silentMs / 1000).toFixed(1)} s`
    case 'confirmed':
      return 'the run ended with the confirmed suspicion'
    case 'exited':
      return `the program ended with ${ending.signal ?? `code ${ending.code ?? 'unknown'}`}`
    case 'duration':
      return 'the time to watch was over'
    case 'cancelled':
      return 'cancelled'
    case 'lost':
      return `the watch was lost: ${ending.detail}`
  }
}
