import { planBuild, timeBuild, VULNERABLE } from './cell.js'
import type { Measure, Measurement } from './measurement.js'
import { preparePlain, timePlain } from './plain.js'
import { ratios, takePairs } from './pairs.js'
import type { Pair } from './pairs.js'
import { median } from './statistics.js'
import { each, ratio, seconds } from './words.js'
import type { BuildingEngine, Workplace } from './workplace.js'

const GOAL = 1

/** Both images from nothing, against a plain build of the original's Dockerfile. */
export const cold: Measure = {
  runs: 2,
  measure: async (workplace, runs) => {
    const engine = withoutCache(workplace)
    const toolchain = (await planBuild(workplace, VULNERABLE)).subject.toolchain
    const plain = await preparePlain(workplace, toolchain, await workplace.nameBases())
    const pairs = await takePairs(workplace, runs, {
      ours: async () => timeBuild(workplace, toolchain, await workplace.nameBases(), engine),
      beside: () => timePlain(workplace, plain, engine),
      figure: Number,
    })
    return describe(pairs)
  },
}

/** The builder that uses nothing it has built before. */
function withoutCache({ host: { engine } }: Workplace): BuildingEngine {
  return { ...engine, build: { ...engine.build, args: [...engine.build.args, '--no-cache'] } }
}

/** The table's line for a series of builds. */
export function describe(pairs: readonly Pair[]): Measurement {
  const ours = pairs.map((pair) => pair.ours)
  const plain = pairs.map((pair) => pair.beside)
  const middle = median(ratios(pairs))
  return {
    title: 'Cold build',
    how: [
      'Both images of the vulnerable cell, with nothing cached: Go fetched and verified, the compiler installed, the tools image with gdb and the sampler built, the program compiled, and what was built read back.',
      "Beside it, by turns: the original's Dockerfile written plainly for the same program and base (bench/plain/Dockerfile), with that Go in its base already, which is not counted.",
      'Both fetch their packages from the same mirror, with the same builder, which may use nothing that it has kept; the base images are there.',
    ],
    rows: [
      {
        what: 'cold build, median',
        ours: seconds(median(ours)),
        beside: `plain Dockerfile: ${seconds(median(plain))}`,
        ratio: ratio(middle),
        goal: `≤ ${GOAL.toFixed(1)} ×`,
        met: middle <= GOAL,
      },
    ],
    notes: [`Every build: ${each(ours, seconds)}.`, `Every plain one: ${each(plain, seconds)}.`],
  }
}
