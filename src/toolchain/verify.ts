import type { BuiltToolchain, ToolchainPlan } from './types.js'

/**
 * Compares what was really built with what was asked.
 * @returns one sentence for each contradiction, naming what was asked and what was built; empty: all agrees
 */
export function verifyBuilt(plan: ToolchainPlan, built: BuiltToolchain): string[] {
  return [
    differs('go-version', `Go ${plan.go}`, built.go, plan.go),
    differs(
      'glibc-version',
      `glibc ${plan.expected.glibc ?? ''}`,
      built.glibc,
      plan.expected.glibc,
    ),
    differs(
      'gcc-version',
      `gcc ${plan.expected.gcc ?? ''}`,
      built.gcc,
      plan.expected.gcc,
      built.gcc?.split('.')[0],
    ),
    hasNoUnwinder(plan, built)
      ? undefined
      : differs('libgcc', `a ${plan.libgcc} libgcc`, built.unwinder.linkage, plan.libgcc),
    ...verifySymbolizer(plan, built),
  ].filter((sentence) => sentence !== undefined)
}

/** A program of the user's own need not use libgcc at all. */
function hasNoUnwinder(plan: ToolchainPlan, built: BuiltToolchain): boolean {
  return plan.program !== undefined && built.unwinder.linkage === 'unknown'
}

function differs(
  input: string,
  asked: string,
  built: string | null,
  expected: string | undefined,
  comparable: string | null | undefined = built,
): string | undefined {
  if (expected === undefined || comparable === expected) return undefined
  return `${input}: asked for ${asked}, but the image was built with ${built ?? 'one that could not be read'}.`
}

function verifySymbolizer(plan: ToolchainPlan, built: BuiltToolchain): string[] {
  const { symbolizer } = plan
  const found = built.symbolizer
  if (symbolizer.kind === 'own') return []
  if (symbolizer.kind === 'none') {
    return found === null ? [] : [`symbolizer: asked for none, but ${found.module} was built in.`]
  }
  if (found === null) return ['symbolizer: asked for one, but none was built in.']
  if (symbolizer.kind === 'local') {
    return found.version === 'local'
      ? []
      : [
          `symbolizer: asked for the folder ${symbolizer.directory}, but ${found.module}@${found.version} was built in.`,
        ]
  }
  const exact = symbolizer.version.startsWith('v')
  if (found.module === symbolizer.module && (!exact || found.version === symbolizer.version)) {
    return []
  }
  return [
    `symbolizer: asked for ${symbolizer.module}@${symbolizer.version}, but ${found.module}@${found.version} was built in.`,
  ]
}
