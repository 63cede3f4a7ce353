/** A throwing thread, its profiled Go side and the sampler keep one core busy; gdb comes only for a moment. */
const CORES_PER_CELL = 1
/** Measured at most 0.2 GB for program, sidecar and gdb; the rest is room for a program that grows. */
const BYTES_PER_CELL = 1024 ** 3

/** How many cells may run side by side on a machine. */
export function cellsAtOnce(cores: number, freeBytes: number): number {
  const byCores = Math.floor(cores / CORES_PER_CELL)
  const byMemory = Math.floor(freeBytes / BYTES_PER_CELL)
  return Math.max(1, Math.min(byCores, byMemory))
}
