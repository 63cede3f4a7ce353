import type { Wait } from './types.js'

/** A system call that a thread was stopped in: number and first four arguments, as `0x…`. */
export interface SystemCall {
  readonly number: number
  readonly arguments: readonly string[]
}

/** Numbers from Linux arch/x86/entry/syscalls/syscall_64.tbl and include/uapi/asm-generic/unistd.h. */
const NAMES: Readonly<Record<string, Readonly<Record<number, string>>>> = {
  'i386:x86-64': {
    0: 'read',
    1: 'write',
    7: 'poll',
    19: 'readv',
    20: 'writev',
    23: 'select',
    34: 'pause',
    35: 'nanosleep',
    42: 'connect',
    43: 'accept',
    44: 'sendto',
    45: 'recvfrom',
    46: 'sendmsg',
    47: 'recvmsg',
    61: 'wait4',
    72: 'fcntl',
    73: 'flock',
    128: 'rt_sigtimedwait',
    130: 'rt_sigsuspend',
    202: 'futex',
    219: 'restart_syscall',
    230: 'clock_nanosleep',
    232: 'epoll_wait',
    247: 'waitid',
    270: 'pselect6',
    271: 'ppoll',
    281: 'epoll_pwait',
    288: 'accept4',
    441: 'epoll_pwait2',
    449: 'futex_waitv',
  },
  aarch64: {
    22: 'epoll_pwait',
    25: 'fcntl',
    32: 'flock',
    63: 'read',
    64: 'write',
    65: 'readv',
    66: 'writev',
    72: 'pselect6',
    73: 'ppoll',
    95: 'waitid',
    98: 'futex',
    101: 'nanosleep',
    115: 'clock_nanosleep',
    128: 'restart_syscall',
    133: 'rt_sigsuspend',
    137: 'rt_sigtimedwait',
    202: 'accept',
    203: 'connect',
    206: 'sendto',
    207: 'recvfrom',
    211: 'sendmsg',
    212: 'recvmsg',
    242: 'accept4',
    260: 'wait4',
    441: 'epoll_pwait2',
    449: 'futex_waitv',
  },
}

/** Name of a system call, or `system call N` where we do not know it. */
export function syscallName(architecture: string | null, call: SystemCall): string {
  return NAMES[architecture ?? '']?.[call.number] ?? `system call ${call.number}`
}

/** What a thread in a system call other than futex waits for. */
export function syscallKind(name: string): Wait['kind'] {
  if (/^p?poll$|select|^epoll/.test(name)) return 'poll'
  if (/nanosleep$/.test(name)) return 'sleep'
  return /^(?:read|write|accept|connect|send|recv|fcntl|flock)/.test(name) ? 'io' : 'unknown'
}

/** True when such a call ends by itself after some time. Times are the 3rd or 4th argument; -1 or NULL is for ever. */
export function isTimed(name: string, call: SystemCall): boolean {
  if (/nanosleep$/.test(name)) return true
  const milliseconds = { poll: 2, epoll_wait: 3, epoll_pwait: 3 }[name]
  if (milliseconds !== undefined) {
    return (Number(call.arguments[milliseconds] ?? '0x0') & 0x80000000) === 0
  }
  return name === 'ppoll' && call.arguments[2] !== '0x0'
}

/** A futex system call that waits, or null for one that wakes: Linux include/uapi/linux/futex.h. */
export function futexWait(
  call: SystemCall,
): { word: string; operation: string; value: number; timed: boolean } | null {
  const [word, operation, value, timeout] = call.arguments
  const name = {
    0: 'FUTEX_WAIT',
    6: 'FUTEX_LOCK_PI',
    9: 'FUTEX_WAIT_BITSET',
    11: 'FUTEX_WAIT_REQUEUE_PI',
    13: 'FUTEX_LOCK_PI2',
  }[Number(BigInt(operation ?? '0xff') & 127n)]
  if (name === undefined || word === undefined) return null
  return {
    word,
    operation: name,
    value: Number(BigInt(value ?? '0x0') & 0xffffffffn),
    timed: timeout !== '0x0',
  }
}
