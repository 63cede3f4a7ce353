import { randomUUID } from 'node:crypto'
import * as core from '@actions/core'
import { errorMessage } from '../errors.js'
import type { Logger } from '../log.js'

/** Progress and findings for the log of a workflow step. */
export function makeActionsLogger(): Logger {
  return {
    debug: (message) => core.debug(message),
    info: (message) => core.info(message),
    warning: (message) => core.warning(message),
    error: (message) => core.error(message),
    progress: (message) => core.info(message),
    group: (title, work) => core.group(title, work),
    untrusted: (text) => process.stdout.write(disarm(text, randomUUID())),
  }
}

/**
 * Text that a program wrote, made harmless for the runner, which reads commands from a step's output: `::name::` after
 * white space at the start of a line and `##[name]` anywhere (actions/runner, ActionCommand.cs). Between stop-commands
 * and its token the runner carries none out; the token is fresh for each use, so the text can't know it.
 * @example disarm('::error::x', 'T') → '::stop-commands::T\n::error::x\n::T::\n'
 */
export function disarm(text: string, token: string): string {
  const ended = text.endsWith('\n') ? text : `${text}\n`
  return `::stop-commands::${token}\n${ended}::${token}::\n`
}

/** Fails the step with a message for the user; a stack trace only in debug logs. */
export function failStep(thrown: unknown): void {
  if (core.isDebug() && thrown instanceof Error) core.debug(thrown.stack ?? '')
  core.setFailed(errorMessage(thrown))
}
