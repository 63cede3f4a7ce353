import { quote } from 'shlex'
import { readName, readStatus, readText } from './proc.js'

const SCOPE = '/proc/sys/kernel/yama/ptrace_scope'
/** Bit of CAP_SYS_PTRACE (linux/capability.h) */
const CAP_SYS_PTRACE = 19n

/** What decides whether we may look into a process (ptrace(2), Documentation/admin-guide/LSM/Yama.rst). */
export interface PtraceFacts {
  readonly pid: number
  readonly name: string
  /** Its user; null when not told */
  readonly uid: number | null
  readonly ownUid: number
  /** We hold CAP_SYS_PTRACE */
  readonly capable: boolean
  /** The value of kernel.yama.ptrace_scope; null where the kernel has no Yama */
  readonly scope: number | null
  /** The process that traces it already */
  readonly tracer: { readonly pid: number; readonly name: string } | null
}

/** Null when there is no such process. */
export function readPtraceFacts(pid: number): PtraceFacts | null {
  const status = readStatus(pid)
  if (status === null) return null
  const tracer = status.tracer
  return {
    pid,
    name: status.name,
    uid: status.uid < 0 ? null : status.uid,
    ownUid: process.geteuid?.() ?? 0,
    capable: isCapable(readText('/proc/self/status') ?? ''),
    scope: readScope(),
    tracer: tracer === 0 ? null : { pid: tracer, name: readName(tracer, tracer) },
  }
}

function readScope(): number | null {
  const text = readText(SCOPE)
  return text === null ? null : Number(text)
}

function isCapable(status: string): boolean {
  const effective = /^CapEff:\t([0-9a-f]+)$/m.exec(status)?.[1]
  return effective !== undefined && ((BigInt(`0x${effective}`) >> CAP_SYS_PTRACE) & 1n) === 1n
}

/** Why gdb on a program that we start ourselves will be refused; null when it will not, as far as can be known. */
export function foreseeRefusal(): PtraceFacts | null {
  const facts = readPtraceFacts(process.pid)
  if (facts === null) return null
  const { scope, capable } = facts
  return scope === 3 || ((scope ?? 0) > 0 && !capable) ? facts : null
}

/**
 * Why the kernel refused, and the command that would work, in plain words.
 * @param again the command line that was refused
 */
export function explainRefusal(facts: PtraceFacts, again: readonly string[]): string {
  const { pid, name, uid, ownUid, capable, scope, tracer } = facts
  const who = `process ${pid} (${name})`
  const sudo = `sudo ${again.map((word) => quote(word)).join(' ')}`
  if (tracer !== null)
    return `Looking into ${who} is refused: process ${tracer.pid} (${tracer.name}) traces it already, and Linux allows one tracer. End that one first.`
  if (scope === 3)
    return `Looking into ${who} is refused: ptrace_scope is 3, so nobody may trace on this machine, not even root. Set kernel.yama.ptrace_scope to 1 in /etc/sysctl.d and restart the machine.`
  if (!capable && ownUid === 0)
    return `Looking into ${who} is refused: this container lacks the capability SYS_PTRACE. Start it with: docker run --cap-add SYS_PTRACE …`
  if (!capable && uid !== null && uid !== ownUid)
    return `Looking into ${who} is refused: it runs as ${userName(uid)}, and you are ${userName(ownUid)}. Run: ${sudo}`
  if (!capable && scope !== null && scope > 0)
    return `Looking into ${who} is refused: ptrace_scope is ${scope} (${SCOPE}), so ${
      scope === 1 ? 'a program may be traced only by one that started it' : 'only root may trace'
    }. Run: ${sudo}\nOr, for every program until the next boot: sudo sysctl -w kernel.yama.ptrace_scope=0`
  return `Looking into ${who} is refused by the kernel: the program forbids it (prctl PR_SET_DUMPABLE, set-user-ID), or a seccomp filter does. Run: ${sudo}\nIn a container, start it with: docker run --cap-add SYS_PTRACE …`
}

/** `user 0 (root)` */
function userName(uid: number): string {
  const line = (readText('/etc/passwd') ?? '')
    .split('\n')
    .find((entry) => entry.split(':')[2] === String(uid))
  return `user ${uid}${line === undefined ? '' : ` (${line.split(':')[0] ?? ''})`}`
}

/** The command line of this very process. */
export function ownCommandLine(): string[] {
  return [process.execPath, ...process.argv.slice(1)]
}
