/** Where progress and findings for a person go. One maker for the Actions log, one for a terminal. */
export interface Logger {
  /** A detail for those who look for it: command lines, decisions. */
  debug(message: string): void
  info(message: string): void
  warning(message: string): void
  error(message: string): void
  /** What is going on at this moment; a terminal may show it as one changing line. */
  progress(message: string): void
  /** Runs `work` with its lines folded under `title`. */
  group<T>(title: string, work: () => Promise<T>): Promise<T>
  /** Prints text that a program wrote; it may be hostile, and the maker disarms it. */
  untrusted(text: string): void
}

/** A logger that keeps quiet. */
export const SILENT: Logger = {
  debug: () => undefined,
  info: () => undefined,
  warning: () => undefined,
  error: () => undefined,
  progress: () => undefined,
  group: (_title, work) => work(),
  untrusted: () => undefined,
}
