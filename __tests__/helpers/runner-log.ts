/** A command that the runner carries out because a line of a step's output says so. */
export interface RunnerCommand {
  readonly name: string
  readonly message: string
}

/** Names that the runner knows (actions/runner: ActionCommandManager.cs and its extensions). */
const NAMES = new Set([
  ...['set-output', 'save-state', 'set-env', 'add-path', 'add-mask', 'add-matcher'],
  ...['remove-matcher', 'debug', 'warning', 'error', 'notice', 'group', 'endgroup', 'echo'],
  ...['stop-commands', 'internal-set-repo-path'],
])
/** White space as .NET's TrimStart takes it away: JavaScript's, and U+0085. */
const LEADING = /^[\s\u0085]+/u

/**
 * The commands that the real runner would carry out in a log, in their order. It splits at `\n`, `\r\n` and a lone `\r`,
 * takes `::name::` after white space and `##[name]` anywhere in a line, and none between stop-commands and its token
 * (actions/runner: OutputManager.cs, ActionCommand.cs, ActionCommandManager.cs).
 */
export function runnerCommands(log: string): RunnerCommand[] {
  const carried: RunnerCommand[] = []
  let token: string | undefined
  for (const line of log.split(/\r\n|\n|\r/)) {
    const command = parseDoubleColon(line, token) ?? parseBracket(line, token)
    if (command === undefined) continue
    if (token !== undefined) {
      if (command.name === token) token = undefined
      continue
    }
    if (command.name === 'stop-commands') token = command.message
    carried.push(command)
  }
  return carried
}

function parseDoubleColon(line: string, token: string | undefined): RunnerCommand | undefined {
  const [, head = '', message = ''] = /^::(.*?)::(.*)$/su.exec(line.replace(LEADING, '')) ?? []
  return known(head, message, token)
}

function parseBracket(line: string, token: string | undefined): RunnerCommand | undefined {
  const [, head = '', message = ''] = /##\[(.*?)\](.*)$/su.exec(line) ?? []
  return known(head, message, token)
}

function known(
  head: string,
  message: string,
  token: string | undefined,
): RunnerCommand | undefined {
  const name = head.trim().split(' ', 1)[0] ?? ''
  return NAMES.has(name) || name === token ? { name, message } : undefined
}
