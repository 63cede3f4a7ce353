import type { CacheService } from '../environment.js'
import type { Logger } from '../log.js'
import type { ProxyAnswer } from '../toolchain/go-proxy.js'

/** What a cell needs from outside. */
export interface CellDeps {
  /** Scrubbed environment, for every child */
  readonly env: Readonly<Record<string, string>>
  readonly log: Logger
  /** Print the build's output, or its last part, where the log folds it away */
  readonly showBuild?: boolean
  /** Where the layers of builds may be kept between jobs */
  readonly cacheService?: CacheService | undefined
  /** Aborts when the user or the runner cancels */
  readonly signal: AbortSignal
  /** Asks the module proxies; a matrix asks each question once for all its cells */
  readonly ask?: (path: string) => Promise<ProxyAnswer>
}
