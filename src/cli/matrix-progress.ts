import type { MatrixEvent } from '../experiment/matrix.js'
import type { ConsoleLogger } from './log.js'

/** How far a matrix is, in numbers. */
export interface MatrixState {
  readonly total: number
  readonly done: number
  readonly failed: number
  /** Names of the cells that run now */
  readonly running: readonly string[]
  /** What the build under way does; empty: none is */
  readonly building: string
}

/**
 * The state after an event.
 * @param total how many cells there are
 */
export function advance(state: MatrixState, event: MatrixEvent): MatrixState {
  switch (event.kind) {
    case 'building':
      return { ...state, building: event.cell.name }
    case 'stage':
      return { ...state, building: event.what }
    case 'started':
      return { ...state, running: [...state.running, event.cell.name] }
    case 'finished':
    case 'failed': {
      const running = state.running.filter((name) => name !== event.cell.name)
      const failed = state.failed + (event.kind === 'failed' ? 1 : 0)
      return { ...state, running, failed, done: state.done + 1 }
    }
  }
}

/** The changing line: `5 of 12 cells; running: …; building: …`. */
export function stateLine({ total, done, running, building }: MatrixState): string {
  const parts = [
    `${done} of ${total} cells`,
    running.length === 0 ? '' : `running: ${running.join(' | ')}`,
    running.length === 0 && building !== '' ? `building: ${building}` : '',
  ]
  return parts.filter((part) => part !== '').join('; ')
}

/** The lasting line of an event; null where there is nothing to keep. */
export function eventLine(event: MatrixEvent, { total, done }: MatrixState): string | null {
  const place = `[${String(done).padStart(String(total).length)}/${total}]`
  switch (event.kind) {
    case 'finished': {
      const time = event.kept ? 'done before' : `${(event.tookMs / 1000).toFixed(1)} s`
      return `${place} ${event.outcome.padEnd(12)} ${event.cell.name} (${time})`
    }
    case 'failed':
      return `${place} ${'no result'.padEnd(12)} ${event.cell.name}: ${event.reason.split('\n')[0] ?? ''}`
    default:
      return null
  }
}

/** Shows events as they come: on a terminal under a changing line, elsewhere one line for each cell that is done. */
export function makeProgress(
  log: ConsoleLogger,
  total: number,
  live: boolean,
): { readonly tell: (event: MatrixEvent) => void; readonly state: () => MatrixState } {
  let state: MatrixState = { total, done: 0, failed: 0, running: [], building: '' }
  return {
    state: () => state,
    tell: (event) => {
      state = advance(state, event)
      const line = eventLine(event, state)
      if (line !== null) log.info(line)
      if (live) log.progress(stateLine(state))
    },
  }
}
