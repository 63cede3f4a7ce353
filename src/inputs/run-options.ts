import { posix } from 'node:path'
import { ConfigurationError } from '../errors.js'
import { lines, words } from './parsers.js'

/** Options of `docker create` that take a value, each weakening or changing only what it names. */
const WITH_VALUE = new Set([
  ...['add-host', 'cap-add', 'cap-drop', 'cpu-shares', 'cpus', 'cpuset-cpus', 'cpuset-mems'],
  ...['device', 'dns', 'dns-option', 'dns-search', 'domainname', 'entrypoint', 'env', 'env-file'],
  ...['expose', 'gpus', 'group-add', 'hostname', 'ipc', 'label', 'memory', 'memory-reservation'],
  ...['memory-swap', 'mount', 'network', 'network-alias', 'oom-score-adj', 'pids-limit'],
  ...['platform', 'publish', 'security-opt', 'shm-size', 'stop-signal', 'sysctl', 'tmpfs'],
  ...['ulimit', 'user', 'uts', 'volume', 'workdir'],
])

const WITHOUT_VALUE = new Set(['no-healthcheck', 'read-only'])

/** Other spellings, as docker defines them. */
const ALIASES: Readonly<Record<string, string>> = {
  c: 'cpu-shares',
  d: 'detach',
  e: 'env',
  h: 'hostname',
  i: 'interactive',
  l: 'label',
  m: 'memory',
  p: 'publish',
  P: 'publish-all',
  t: 'tty',
  u: 'user',
  v: 'volume',
  w: 'workdir',
  net: 'network',
  'net-alias': 'network-alias',
  'dns-opt': 'dns-option',
}

const OURS = 'the run sets it itself'
const HOST = "it would hand the runner's machine to the program"
const SOCKET = "with the engine's socket a program owns the machine"

/** Why an option is refused, for those that people are likely to try. */
const REFUSED: Readonly<Record<string, string>> = {
  privileged: HOST,
  pid: 'the debugger joins the process namespace of the container, which must be its own',
  'volumes-from': "another container's volumes may hold the engine's socket",
  'use-api-socket': SOCKET,
  userns: 'the debugger must see the program in the same user namespace',
  name: OURS,
  rm: 'the container is needed after its end, and removed then',
  detach: OURS,
  attach: OURS,
  interactive: OURS,
  tty: OURS,
  init: OURS,
  restart: 'a restart would hide the end of the program',
  'log-driver': OURS,
  'log-opt': OURS,
  cidfile: OURS,
  pull: OURS,
  runtime: 'another runtime may hide the program from the debugger',
}

const ENGINE_SOCKETS = [
  '/run/docker.sock',
  '/run/containerd/containerd.sock',
  '/run/podman/podman.sock',
  '/run/crio/crio.sock',
  '/run/user/0/docker.sock',
  '/run/user/0/podman/podman.sock',
]

/**
 * Reads the input `run-options`: one option of `docker create` a line, its value after a blank or `=`, quoted as in a
 * shell. Gives each as one argument in its long form, `--env=NAME=value`, so that no value can pass for an option or
 * for the image's name. Only options from a list are taken.
 *
 * `-e GREETING="hello world"` → `--env=GREETING=hello world`
 *
 * @throws ConfigurationError that names the line and why it is refused
 */
export function parseRunOptions(text: string): string[] {
  return lines(text)
    .filter((line) => !line.startsWith('#'))
    .map((line) => parseLine(line))
}

function parseLine(line: string): string {
  const [first = '', ...rest] = words('run-options', line)
  const { name, inline } = splitOption(line, first)
  if (rest.length > (inline === undefined ? 1 : 0)) {
    throw refused(line, 'it has more than one value; write one option a line, quote blanks')
  }
  checkName(line, name)
  const value = inline ?? rest[0]
  if (WITHOUT_VALUE.has(name)) {
    if (value !== undefined) throw refused(line, `--${name} takes no value`)
    return `--${name}`
  }
  if (value === undefined || value === '') {
    throw refused(line, `--${name} needs a value on the same line, e.g. --${name}=…`)
  }
  checkValue(line, name, value)
  return `--${name}=${value}`
}

/** `--env=A=1`, `--env`, `-eA=1`, `-e=A=1` and `-e` as docker reads them. */
function splitOption(line: string, word: string): { name: string; inline: string | undefined } {
  const long = /^--([a-z][a-z-]*)(?:=([\s\S]*))?$/.exec(word)
  if (long) return { name: longName(long[1] ?? ''), inline: long[2] }
  const short = /^-([a-zA-Z])(?:=?([\s\S]+))?$/.exec(word)
  if (short) return { name: longName(short[1] ?? ''), inline: short[2] }
  throw refused(line, 'a line begins with an option, such as --env or -e')
}

function longName(name: string): string {
  return Object.hasOwn(ALIASES, name) ? (ALIASES[name] ?? name) : name
}

function checkName(line: string, name: string): void {
  if (Object.hasOwn(REFUSED, name)) throw refused(line, REFUSED[name] ?? '')
  if (WITH_VALUE.has(name) || WITHOUT_VALUE.has(name)) return
  const known = [...WITH_VALUE, ...WITHOUT_VALUE].sort().map((option) => `--${option}`)
  throw refused(line, `the option is not one of ${known.join(', ')}`)
}

function checkValue(line: string, name: string, value: string): void {
  if (name === 'cap-add' && /^(cap_)?all$/i.test(value)) {
    throw refused(line, 'ALL is as good as --privileged; name the capabilities it needs')
  }
  if (name === 'label' && value.startsWith('cgo-deadlock')) {
    throw refused(line, 'labels that begin with cgo-deadlock mark our own containers')
  }
  if ((name === 'network' || name === 'ipc') && value.startsWith('container:')) {
    throw refused(line, "another container's namespace is more than this option names")
  }
  if (hostPaths(name, value).some((path) => reachesSocket(path))) throw refused(line, SOCKET)
}

/** The paths on the host that a value names. Named volumes give none. */
function hostPaths(name: string, value: string): string[] {
  if (name === 'volume') return value.includes(':') ? [value.slice(0, value.indexOf(':'))] : []
  if (name === 'device') return [value.split(':')[0] ?? '']
  if (name !== 'mount') return []
  return value
    .split(',')
    .map((field) => field.replaceAll('"', '').trim())
    .filter((field) => !/^(dst|destination|target)=/i.test(field))
    .map((field) => field.slice(field.lastIndexOf('=') + 1))
}

/** True for a container engine's socket, any folder above one, and relative paths that climb. */
function reachesSocket(path: string): boolean {
  if (/\.sock\b/.test(path) && /docker|podman|containerd|crio/.test(path)) return true
  if (!path.startsWith('/')) return path.split('/').includes('..')
  const whole = posix
    .normalize(path)
    .replace(/^\/var\/run(?=\/|$)/, '/run')
    .replace(/^\/run\/user\/\d+/, '/run/user/0')
    .replace(/(?<=.)\/$/, '')
  if (whole === '/var') return true
  return ENGINE_SOCKETS.some(
    (socket) => socket === whole || socket.startsWith(whole === '/' ? '/' : `${whole}/`),
  )
}

function refused(line: string, why: string): ConfigurationError {
  return new ConfigurationError(
    `Input run-options has the line ${JSON.stringify(line)}, which is refused: ${why}.`,
  )
}
