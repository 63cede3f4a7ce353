import type { Exposure } from './schema.js'

/** `with 95 % confidence fewer than 1 in 735 signals during a throw would hang`. */
export function boundText({ of, upperBound }: Exposure): string {
  const what = of === 'exposures' ? 'signals during a throw' : 'signals'
  const oneIn = Math.floor(1 / upperBound)
  return oneIn < 2
    ? `too few ${what} to bound the chance of a hang`
    : `with 95 % confidence fewer than 1 in ${number(oneIn)} ${what} would hang`
}

/** What a run without a fault proves, a sentence each. */
export function exposureSentences(exposure: Exposure): string[] {
  const { of, trials, hangsPerHour, knownChance, power } = exposure
  const counted =
    of === 'exposures'
      ? 'signals arrived between a throw and its catch, and every one came back'
      : 'signals arrived, whether during a throw or not, and every one came back'
  return [
    `${number(trials)} ${counted}: ${boundText(exposure)}.`,
    `A thread that throws all the time under a profile at 100 Hz would hang fewer than ${atMost(hangsPerHour)} times an hour.`,
    `At the rate of Debian 11, where ${percent(knownChance)} of them hang, this run would have hung with a chance of ${percent(power)}.`,
  ]
}

/** Rounds up, for it is a bound. */
export function atMost(value: number): string {
  return value < 1 ? value.toPrecision(2) : number(Math.ceil(value))
}

/** `5.4 %`; near certainty is not rounded to it. */
export function percent(chance: number): string {
  const value = chance * 100
  if (value > 99.99 && value <= 100) return 'more than 99.99 %'
  return `${value < 1 ? value.toPrecision(2) : value.toFixed(value < 10 ? 1 : 2)} %`
}

function number(value: number): string {
  return value.toLocaleString('en-US')
}
