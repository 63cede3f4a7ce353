import ms, { type StringValue } from 'ms'
import { split } from 'shlex'
import { ConfigurationError, errorMessage } from '../errors.js'
import { signalNumber } from '../gdb/signals.js'

/** What an input accepts. */
export interface Form {
  /** Must match the whole value */
  readonly pattern: RegExp
  /** Ends the sentence "Allowed: …" */
  readonly allowed: string
  /** What to do about a value that does not match, where more can be said */
  readonly hint?: (value: string) => string | undefined
}

/** An error that names the input, the value given and what is allowed; `next` says what to do about it. */
export function refusal(
  input: string,
  value: string,
  allowed: string,
  next?: string,
): ConfigurationError {
  const shown = JSON.stringify(value.length > 120 ? `${value.slice(0, 120)}…` : value)
  const hint = next === undefined ? '' : ` ${next}`
  return new ConfigurationError(`Input ${input} is ${shown}. Allowed: ${allowed}.${hint}`)
}

/** The value, if it has the form. */
export function matching(input: string, value: string, form: Form): string {
  if (!form.pattern.test(value)) throw refusal(input, value, form.allowed, form.hint?.(value))
  return value
}

/** Like `matching`; an empty value is undefined. */
export function optional(input: string, value: string, form: Form): string | undefined {
  return value === '' ? undefined : matching(input, value, form)
}

/** The value, if it is one of those listed. */
export function oneOf<T extends string>(input: string, value: string, allowed: readonly T[]): T {
  const found = allowed.find((candidate) => candidate === value)
  if (found === undefined) throw refusal(input, value, allowed.join(', '))
  return found
}

/** A whole number between two bounds, both allowed; undefined for an empty value. */
export function wholeNumber(
  input: string,
  value: string,
  min: number,
  max: number,
): number | undefined {
  if (value === '') return undefined
  const number = /^\d{1,9}$/.test(value) ? Number(value) : NaN
  if (!(number >= min && number <= max)) {
    throw refusal(input, value, `a whole number from ${min} to ${max}`)
  }
  return number
}

/** A time with its unit, `90s`, `1.5m`, `500ms` or `1h`, in milliseconds; `min` and `max` are such times too. */
export function duration(input: string, value: string, min: StringValue, max: StringValue): number {
  const allowed = `a time with its unit (ms, s, m or h) from ${min} to ${max}`
  if (/^\d+(\.\d+)?$/.test(value)) {
    throw refusal(input, value, allowed, `A bare number has no unit; did you mean ${value}s?`)
  }
  const milliseconds = isTime(value) ? ms(value) : NaN
  if (!(milliseconds >= ms(min) && milliseconds <= ms(max))) throw refusal(input, value, allowed)
  return milliseconds
}

function isTime(value: string): value is StringValue {
  return /^\d{1,9}(\.\d{1,9})?(ms|s|m|h)$/.test(value)
}

/** The lines of a value without the blank ones, each without white space around it. */
export function lines(value: string): string[] {
  return value
    .split(/\r?\n/)
    .map((line) => line.trim())
    .filter((line) => line !== '')
}

/** The words of a command line by a shell's rules of quoting; nothing is expanded and no shell runs. */
export function words(input: string, value: string): string[] {
  if (value.includes('\0')) throw refusal(input, value, 'text without NUL characters')
  try {
    return split(value)
  } catch (error) {
    throw new ConfigurationError(
      `Input ${input} is ${JSON.stringify(value)}, which can't be split into words: ` +
        `${errorMessage(error)}. Close every quote, or put a backslash before it.`,
      { cause: error },
    )
  }
}

/** A program's own fault, or what it can't handle at all (man 7 signal): no use in sending them. */
const UNSWEEPABLE = new Set('KILL STOP SEGV BUS FPE ILL TRAP SYS ABRT'.split(' '))

/** Signal names, such as `SIGPROF` or `PROF`, divided by commas or spaces, as numbers; each once. */
export function signals(input: string, value: string): number[] {
  const names = value.split(/[\s,]+/).filter((name) => name !== '')
  const numbers = names.map((name) => {
    const short = name.replace(/^SIG/, '')
    return UNSWEEPABLE.has(short) ? null : signalNumber(short)
  })
  const found = numbers.filter((number) => number !== null)
  if (found.length === 0 || found.length < names.length || found.length > 8) {
    throw refusal(
      input,
      value,
      'up to 8 names of signals that a program can handle, such as SIGPROF,SIGURG; not those of its own faults (SIGSEGV and the like), SIGKILL and SIGSTOP',
    )
  }
  return [...new Set(found)]
}
