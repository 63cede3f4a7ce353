import { describeStage } from './stages.js'

const LINES = 20

/** Where a build failed, in words, and what that step said last. */
export interface BuildFailure {
  readonly stage: string | undefined
  readonly said: string
}

/**
 * Picks the failed step's own lines out of a build's output; the last lines of all where no step failed.
 * BuildKit writes `#15 [modules 3/3] RUN …`, then `#15 0.401 text`, then `#15 ERROR: …`; podman writes `[6/10] STEP 6/6: RUN …`, the text
 * as it comes, then `Error: building at STEP …`.
 */
export function describeFailure(output: string): BuildFailure {
  const lines = output.trimEnd().split('\n')
  return fromBuildKit(lines) ?? fromPodman(lines) ?? { stage: undefined, said: last(lines) }
}

function fromBuildKit(lines: readonly string[]): BuildFailure | undefined {
  const step = lines.map((line) => /^(#\d+) ERROR/.exec(line)?.[1]).findLast(Boolean)
  if (step === undefined) return undefined
  const own = lines.filter((line) => line.startsWith(`${step} `))
  const said = own.map((line) => /^#\d+ \d+\.\d+ (.*)$/.exec(line)?.[1]).filter(isText)
  return {
    stage: own.map(describeStage).find(isText),
    said: said.length > 0 ? last(said) : last(own),
  }
}

function fromPodman(lines: readonly string[]): BuildFailure | undefined {
  const end = lines.findLastIndex((line) => /^Error: /.test(line))
  const start = lines.findLastIndex(
    (line, at) => at < end && /^(\[\d+\/\d+\] )?STEP \d+/.test(line),
  )
  if (end < 0 || start < 0) return undefined
  const said = lines.slice(start + 1, end)
  return { stage: undefined, said: last(said.length > 0 ? said : lines) }
}

function isText(value: string | undefined): value is string {
  return value !== undefined
}

function last(lines: readonly string[]): string {
  return lines.slice(-LINES).join('\n')
}
