import type { Hang } from './hangs.js'
import { runHangs } from './hangs.js'
import type { Measure, Measurement } from './measurement.js'
import { median, worst } from './statistics.js'
import { each, percent, ratio, seconds } from './words.js'

const GOAL_MS = 3000
/** The default of the input stall-timeout */
const SILENCE_MS = 10_000

/** From the container's start to the verdict on the vulnerable cell, and from the hang to the verdict. */
export const verdict: Measure = {
  runs: 20,
  measure: async (workplace, runs) => describe(await runHangs(workplace, runs)),
}

/** The table's lines for a series of hangs. */
export function describe(hangs: readonly Hang[]): Measurement {
  const verdicts = hangs.map(({ verdictMs }) => verdictMs)
  const confirmed = hangs.filter(({ verdictMs }) => Number.isFinite(verdictMs))
  const own = confirmed.map(({ sinceMs }) => sinceMs)
  const noticed = confirmed.map(({ sinceMs, verdictMs }) => verdictMs - sinceMs)
  const dumps = confirmed.map(({ suspectedMs, verdictMs }) => verdictMs - suspectedMs)
  const shares = confirmed.map(({ sinceMs, verdictMs }) => sinceMs / verdictMs)
  if (confirmed.length === 0) throw new Error('Not one run of the vulnerable cell had a verdict.')
  const middle = median(verdicts)
  return {
    title: 'Verdict',
    how: [
      'The vulnerable cell (glibc 2.31, gcc 10, Go 1.17) runs under the whole product; the verdict is the moment when a dump has confirmed the deadlock.',
      "Beside it stands the bug's own part of that: the time until the thread last moved, which no watch can shorten.",
      `Noticing, from that moment to the verdict, stands beside waiting for ${seconds(SILENCE_MS)} of silence, the default stall-timeout, and so beside the usual way to find a hang; where a hang leaves the output going on, silence never comes.`,
    ],
    rows: [
      {
        what: 'container start to verdict, median',
        ours: seconds(middle),
        beside: `the hang itself: ${seconds(median(own))}`,
        ratio: ratio(middle / median(own)),
        goal: `≤ ${GOAL_MS / 1000} s`,
        met: middle <= GOAL_MS,
      },
      {
        what: `container start to verdict, worst of ${hangs.length}`,
        ours: seconds(worst(verdicts)),
        beside: `the latest hang: ${seconds(worst(own))}`,
        ratio: ratio(worst(verdicts) / worst(own)),
        goal: '',
        met: null,
      },
      {
        what: 'hang to verdict, median',
        ours: seconds(median(noticed)),
        beside: `silence: ${seconds(SILENCE_MS)}`,
        ratio: ratio(median(noticed) / SILENCE_MS),
        goal: '',
        met: null,
      },
    ],
    notes: [
      `${confirmed.length} of ${hangs.length} runs ended with a confirmed verdict.`,
      `The bug's own share of the time to the verdict: ${percent(median(shares))} (median).`,
      `From hang to verdict, worst: ${seconds(worst(noticed))}. Of it, the look with gdb: ${seconds(median(dumps))} (median), ${seconds(worst(dumps))} (worst).`,
      `Every run, start to verdict: ${each(verdicts, seconds)}.`,
    ],
  }
}
