import { plainAddress } from './frame.js'

/** Who a thread is, as a header or a list names it. */
export interface ThreadIdentity {
  readonly number: number | null
  readonly lwp: number | null
  readonly pthread: string | null
  readonly name: string | null
}

/**
 * Reads the line that begins a thread's backtrace; null for any other line.
 *
 *     Thread 3 (Thread 0x7f12 (LWP 13) "worker"):   gdb, also without name, pthread id or LWP
 *     [Switching to thread 2 (LWP 14)]              gdb, before a single `bt`
 *     TID 124:                                      eu-stack
 *     Stack trace of thread 124:                    systemd-coredump
 */
export function readHeader(line: string): ThreadIdentity | null {
  const elfutils = /^(?:TID|Stack trace of thread) (\d{1,10}):/.exec(line)
  if (elfutils !== null)
    return { number: null, lwp: Number(elfutils[1]), pthread: null, name: null }
  const match =
    /^Thread (?:\d{1,6}\.)?(\d{1,10}) \((.{1,300})\):?\s*$/.exec(line) ??
    /^\[(?:Switching to|Current) thread (?:is )?(?:\d{1,6}\.)?(\d{1,10}) \((.{1,300}?)\)\]?(?:#|$)/.exec(
      line,
    )
  if (match?.[2] !== undefined) return { number: Number(match[1]), ...readTarget(match[2]) }
  const switched = /^\[(?:Switching to|New) (Thread 0x[0-9a-f]+ .{1,200})\]$/.exec(line)
  return switched?.[1] === undefined || line.startsWith('[New')
    ? null
    : { number: null, ...readTarget(switched[1]) }
}

/** `Thread 0x7f12 (LWP 13) "worker"`, `LWP 13 "worker"`, `process 13`, `Thread 99.13` */
function readTarget(text: string): Omit<ThreadIdentity, 'number'> {
  const pthread = /\bThread (0x[0-9a-fA-F]{1,16})/.exec(text)?.[1]
  const lwp =
    /\bLWP (\d{1,10})/.exec(text) ??
    /\bprocess (\d{1,10})/.exec(text) ??
    /\bThread \d{1,10}\.(\d{1,10})/.exec(text)
  return {
    lwp: lwp === null ? null : Number(lwp[1]),
    pthread: pthread === undefined ? null : plainAddress(pthread),
    name: /"(.*)"/.exec(text)?.[1] ?? null,
  }
}

/** Reads a row of `info threads`: `* 2    Thread 0x7f12 (LWP 14) "worker" 0x… in poll () from …`; null for others. */
export function readThreadRow(line: string): { identity: ThreadIdentity; frame: string } | null {
  const match =
    /^[* ] {0,2}(?:\d{1,6}\.)?(\d{1,10}) +((?:Thread 0x[0-9a-fA-F]{1,16}(?: \(LWP \d{1,10}\))?|LWP \d{1,10}|process \d{1,10}|Thread \d{1,10}\.\d{1,10})(?: "[^"]{0,64}")?)(?: \(Exiting\))? +(\S.*)$/.exec(
      line,
    )
  if (match?.[2] === undefined || match[3] === undefined) return null
  return { identity: { number: Number(match[1]), ...readTarget(match[2]) }, frame: match[3] }
}
