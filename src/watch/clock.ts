/** A time in which a debugger held the processes stopped, in milliseconds since the target's start; `toMs` null while it lasts. */
export interface Hold {
  readonly fromMs: number
  readonly toMs: number | null
}

/** Milliseconds from one time to another, without those in which the processes were held. */
export function elapsed(holds: readonly Hold[], fromMs: number, toMs: number): number {
  const held = holds.reduce((sum, hold) => {
    const from = Math.max(hold.fromMs, fromMs)
    const to = Math.min(hold.toMs ?? Infinity, toMs)
    return sum + Math.max(0, to - from)
  }, 0)
  return Math.max(0, toMs - fromMs - held)
}
