import type { Host } from '../container/containers.js'
import { SelfCheckError } from '../errors.js'
import { readInputs } from '../inputs/inputs.js'
import type { Sweep } from '../sweep/schema.js'
import type { CellDeps } from './deps.js'
import { makeImages } from './images.js'
import { planCell } from './plan.js'
import type { RunPlan } from './plan.js'
import { sweepCell } from './sweep-cell.js'

/** The original's own toolchain: every sweep of it hung, at the same instruction (docs/acceptance.md). */
const KNOWN: Readonly<Record<string, string>> = {
  'glibc-version': '2.31',
  'gcc-version': '10',
  'go-version': '1.17',
  symbolizer: 'ianlancetaylor',
  experiment: 'sweep',
}

/**
 * A control: sweeps the toolchain that must hang. A harness that finds nothing there finds nothing anywhere.
 * @throws SelfCheckError when it does not hang; what building and running it throws
 */
export async function checkHarness(
  plan: Pick<RunPlan, 'folder' | 'imageRegistry' | 'aptMirror'>,
  host: Host,
  deps: CellDeps,
): Promise<void> {
  const inputs = readInputs((name) => KNOWN[name] ?? '')
  const place = { folder: plan.folder, cwd: plan.folder }
  const known = {
    ...(await planCell(inputs, KNOWN, place, deps)),
    imageRegistry: plan.imageRegistry,
    aptMirror: plan.aptMirror,
  }
  const images = await makeImages(known, host, deps)
  const { sweep } = await deps.log.group('Self-check', () =>
    sweepCell(
      host,
      {
        ...known,
        image: images.target,
        toolsImage: images.tools,
        toolchain: images.built,
        guard: null,
      },
      deps,
    ),
  )
  deps.signal.throwIfAborted()
  deps.log.info(judgeHarness(sweep))
}

/**
 * What the sweep of the toolchain that must hang says of the harness.
 * @throws SelfCheckError when it did not hang
 */
export function judgeHarness({ outcome, headline }: Pick<Sweep, 'outcome' | 'headline'>): string {
  if (outcome !== 'deadlock') throw new SelfCheckError(headline)
  return `Self-check: the toolchain that must hang did. ${headline}`
}
