import { randomBytes } from 'node:crypto'
import { appendFile, cp } from 'node:fs/promises'
import { join } from 'node:path'
import { TOOL_FOLDER } from '../src/toolchain/symbolizer.js'
import { planBuild, timeBuild, VULNERABLE } from './cell.js'
import type { Measure, Measurement } from './measurement.js'
import { LOCAL_SYMBOLIZER, preparePlain, timePlain } from './plain.js'
import { ratios, takePairs } from './pairs.js'
import type { Pair } from './pairs.js'
import { median } from './statistics.js'
import { each, ratio, seconds } from './words.js'

const GOAL_MS = 10_000
const CHANGED_FILE = 'symbolize.c'

/** The same images again after one line of the symbolizer's C has changed. */
export const warm: Measure = {
  runs: 3,
  measure: async (workplace, runs) => {
    const symbolizer = join(workplace.folder, 'symbolizer')
    const source = join(TOOL_FOLDER, 'native', 'symbolizers', 'framepointer')
    await cp(source, symbolizer, { recursive: true })
    const plan = await planBuild(workplace, { ...VULNERABLE, symbolizer })
    const { toolchain } = plan.subject
    const registry = await workplace.nameBases()
    const plain = await preparePlain(workplace, toolchain, registry)
    const copy = join(plain.context, LOCAL_SYMBOLIZER)
    await cp(source, copy, { recursive: true })
    const build = (): Promise<number> => timeBuild(workplace, toolchain, registry)
    const beside = (): Promise<number> => timePlain(workplace, plain)
    await build()
    await beside()
    const pairs = await takePairs(workplace, runs, {
      prepare: () => changeSymbolizer([symbolizer, copy]),
      ours: build,
      beside,
      figure: Number,
    })
    return describe(pairs)
  },
}

/** A line of C that no build has seen before. */
async function changeSymbolizer(folders: readonly string[]): Promise<void> {
  const line = `int framepointer_bench_${randomBytes(8).toString('hex')};\n`
  for (const folder of folders) await appendFile(join(folder, CHANGED_FILE), line)
}

/** The table's line for a series of rebuilds. */
export function describe(pairs: readonly Pair[]): Measurement {
  const ours = pairs.map((pair) => pair.ours)
  const plain = pairs.map((pair) => pair.beside)
  const middle = median(ours)
  return {
    title: 'Warm rebuild',
    how: [
      "The vulnerable cell with a symbolizer from a local folder is built; then one line of the symbolizer's C changes, and both images are asked for again.",
      'Beside it, by turns and after the same change: the plain Dockerfile of the cold build.',
    ],
    rows: [
      {
        what: 'rebuild after a change of the symbolizer, median',
        ours: seconds(middle),
        beside: `plain Dockerfile: ${seconds(median(plain))}`,
        ratio: ratio(median(ratios(pairs))),
        goal: `≤ ${GOAL_MS / 1000} s`,
        met: middle <= GOAL_MS,
      },
    ],
    notes: [`Every rebuild: ${each(ours, seconds)}.`, `Every plain one: ${each(plain, seconds)}.`],
  }
}
