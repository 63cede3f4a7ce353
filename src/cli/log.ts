import { stripVTControlCharacters, styleText } from 'node:util'
import yoctoSpinner from 'yocto-spinner'
import type { Logger } from '../log.js'

export interface ConsoleOptions {
  /** Show details and command lines */
  readonly verbose: boolean
  /** Say nothing but warnings and errors (with `--json`) */
  readonly quiet: boolean
}

/** A logger with a changing line, which must come to an end. */
export interface ConsoleLogger extends Logger {
  /** Takes the changing line away */
  stop(): void
}

/**
 * Progress and findings for a terminal, all on standard error: standard output is for the result alone. On a terminal
 * the moment's work is one changing line; elsewhere each step is a line of its own.
 */
export function makeConsoleLogger(options: ConsoleOptions): ConsoleLogger {
  const spinner = yoctoSpinner({ stream: process.stderr })
  const live = process.stderr.isTTY && !options.quiet

  function write(line: string): void {
    const going = spinner.isSpinning
    if (going) spinner.clear()
    process.stderr.write(`${line}\n`)
    if (going) spinner.start()
  }

  function paint(colour: 'dim' | 'yellow' | 'red' | 'bold', text: string): string {
    return process.stderr.isTTY ? styleText(colour, text) : text
  }

  const logger: ConsoleLogger = {
    stop: () => {
      if (spinner.isSpinning) spinner.stop()
    },
    debug: (message) => {
      if (options.verbose) write(paint('dim', message))
    },
    info: (message) => {
      if (!options.quiet) write(message)
    },
    warning: (message) => write(paint('yellow', `warning: ${message}`)),
    error: (message) => write(paint('red', `error: ${message}`)),
    progress: (message) => {
      if (live) spinner.start(message)
      else if (!options.quiet) write(`  ${message}`)
    },
    group: async (title, work) => {
      logger.info(paint('bold', title))
      try {
        return await work()
      } finally {
        logger.stop()
      }
    },
    untrusted: (text) => {
      if (!options.quiet) write(stripVTControlCharacters(text))
    },
  }
  return logger
}
