import type { CellPlan, LeftOut } from './cells.js'
import { groupBy } from '../report/group-by.js'

/** Combinations that were left out for one reason. */
export interface LeftOutGroup {
  readonly reason: string
  readonly names: readonly string[]
}

/** A reason is said once, however many combinations it is true of. */
export function groupLeftOut(leftOut: readonly LeftOut[]): LeftOutGroup[] {
  return [...groupBy(leftOut, ({ reason }) => reason)].map(([reason, members]) => ({
    reason,
    names: members.map(({ name }) => name),
  }))
}

/** @example '12 combinations, such as glibc 2.31, gcc 12' */
export function leftOutTitle({ names }: LeftOutGroup): string {
  const [first = ''] = names
  return names.length === 1 ? first : `${names.length} combinations, such as ${first}`
}

/** The cells of a spec for a person: one a line, then how many images they need, what was left out, and notes. */
export function planText({ cells, leftOut, notes }: CellPlan): string {
  const images = new Set(cells.map(({ group }) => group)).size
  const lines = [
    ...cells.map(({ name }) => name),
    '',
    `${count(cells.length, 'cell')} in ${count(images, 'image')}`,
    ...groupLeftOut(leftOut).map((group) => `left out: ${leftOutTitle(group)}: ${group.reason}`),
    ...notes.map((note) => `note: ${note}`),
  ]
  return `${lines.join('\n')}\n`
}

function count(number: number, noun: string): string {
  return `${number.toLocaleString('en-US')} ${noun}${number === 1 ? '' : 's'}`
}
