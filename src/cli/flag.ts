/** The key under which commander gives a flag: `sweep-map` → `sweepMap`. */
export function flagOf(name: string): string {
  return name.replaceAll(/-([a-z])/g, (_all, letter: string) => letter.toUpperCase())
}
