/** The function that throws, in every C++ ABI that gcc and clang share (Itanium C++ ABI, 2.4.2). */
export const THROW = '__cxa_throw'

/** `10,435` */
export function count(number: number): string {
  return number.toLocaleString('en-US')
}

/** `1 signal`, `2 signals` */
export function countOf(number: number, one: string, many = `${one}s`): string {
  return `${count(number)} ${number === 1 ? one : many}`
}

/** What one passage through the swept function is called. */
export function passageName(swept: string): string {
  return swept === THROW ? 'a throw' : `a call of ${swept}`
}

/** `SIGPROF`, `SIGPROF and SIGURG`, `SIGPROF, SIGURG and SIGCHLD` */
export function listed(names: readonly string[]): string {
  if (names.length < 2) return names.join('')
  return `${names.slice(0, -1).join(', ')} and ${names.at(-1) ?? ''}`
}

/** `5.3 %`; small shares keep one digit that says something. */
export function shareText(share: number): string {
  const value = share * 100
  return `${value === 0 || value >= 0.1 ? value.toFixed(1) : value.toPrecision(1)} %`
}
