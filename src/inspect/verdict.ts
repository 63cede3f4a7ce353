import { callsTraceback } from './architecture.js'
import { describeUnwinder, lookupText, symbolizerName } from './words.js'
import type { GoFacts, ProgramFacts } from './facts.js'
import { hex } from './evidence.js'
import { LOOKUPS, symbolOf } from './objects.js'
import type { Evidence, Inspection, Reason, Unwinder, Verdict } from './schema.js'
import { findSymbolizer } from './symbolizers.js'
import type { FoundSymbolizer } from './symbolizers.js'
import type { Binding, FoundUnwinder } from './unwinders.js'

interface Judgement {
  readonly verdict: Verdict
  readonly headline: string
  readonly reasons: readonly Reason[]
  readonly wouldChange: readonly string[]
}

/** What the facts say: can a signal handler's traceback wait for a lock that the interrupted throw holds? */
export function judge(facts: ProgramFacts): Inspection {
  const symbolizer = facts.go === null ? null : findSymbolizer(facts.go)
  const judgement = decide(facts, symbolizer)
  const { go, libc } = facts
  return {
    program: facts.program.path,
    verdict: judgement.verdict,
    headline: judgement.headline,
    reasons: [...judgement.reasons, ...backgroundReasons(facts)],
    wouldChange: [...judgement.wouldChange],
    architecture: facts.architecture,
    libc: { kind: libc.kind, version: libc.version, file: libc.file },
    go:
      go === null
        ? null
        : {
            version: go.version,
            modules: go.modules.length,
            traceback: go.traceback === undefined ? null : go.traceback !== null,
            symbolizer: symbolizer?.record ?? null,
            profilers: go.profilers.map(({ name }) => name),
          },
    unwinders: facts.unwinders.map((unwinder) => ({
      ...unwinder,
      usedBy: usersOf(unwinder, facts),
    })),
    missing: [...facts.missing],
  }
}

function usersOf(unwinder: FoundUnwinder, { handler, throws }: ProgramFacts): Unwinder['usedBy'] {
  const uses = (binding: Binding): boolean =>
    binding.kind === 'object' && binding.object.path === unwinder.file
  return [
    ...(uses(handler) ? (['handler'] as const) : []),
    ...(throws.some(uses) ? (['throw'] as const) : []),
  ]
}

function decide(facts: ProgramFacts, symbolizer: FoundSymbolizer | null): Judgement {
  const { go, architecture } = facts
  if (go === null) return judgeWithoutGo(facts)
  if (!callsTraceback(architecture, go.version))
    return {
      verdict: 'safe',
      headline:
        `Go ${go.version ?? ''} calls no symbolizer from its signal handlers on ${architecture}.`.replace(
          '  ',
          ' ',
        ),
      reasons: [{ text: `It is a Go program for ${architecture}.`, evidence: go.buildInfo }],
      wouldChange: ['Another architecture, or a newer Go.'],
    }
  if (go.traceback === null)
    return {
      verdict: 'safe',
      headline: 'No symbolizer is linked in, so Go’s signal handlers never unwind C frames.',
      reasons: [
        {
          text: 'runtime.SetCgoTraceback, which every symbolizer calls, is not among Go’s linked functions.',
          evidence: go.buildInfo,
        },
      ],
      wouldChange: [
        'Importing a package that calls runtime.SetCgoTraceback.',
        'A signal handler in C or C++ that unwinds.',
      ],
    }
  if (go.traceback === undefined)
    return unknown(
      'Go’s function table is not to be found, so it can’t be told whether a symbolizer is linked in.',
    )
  return judgeTraceback(facts, go, symbolizer)
}

const OWN_UNWINDING = ['_Unwind_Backtrace', 'unw_backtrace', 'backtrace'] as const

function judgeWithoutGo({ program, unwinders }: ProgramFacts): Judgement {
  const calls = OWN_UNWINDING.flatMap((name) => symbolOf(program, name, 'imported') ?? [])
  const [call] = calls
  const risky = unwinders.some(({ lookup }) => lookup !== '_dl_find_object')
  if (call !== undefined && risky)
    return unknown(
      'It is not a Go program, but it unwinds by itself; whether it does so in a signal handler can’t be told.',
      [
        {
          text: 'It asks for its own stack.',
          evidence: {
            file: program.path,
            where: `${call.table} entry ${call.index} at file offset ${hex(call.offset)}`,
            value: `${call.name}, imported`,
          },
        },
      ],
    )
  return {
    verdict: 'safe',
    headline: 'It is not a Go program, so no Go signal handler unwinds in it.',
    reasons: [
      {
        text: 'It has no Go build information and no Go function table.',
        evidence: {
          file: program.path,
          where: 'section headers',
          value: 'no .go.buildinfo, no .gopclntab',
        },
      },
    ],
    wouldChange: [
      'A signal handler of its own, or of a library such as a profiler’s, that unwinds.',
    ],
  }
}

/** A symbolizer is linked in, and Go calls it. What does it unwind with? */
function judgeTraceback(
  facts: ProgramFacts,
  go: GoFacts,
  symbolizer: FoundSymbolizer | null,
): Judgement {
  const linked: Reason = {
    text: `A symbolizer is linked in: ${symbolizerName(symbolizer)}.`,
    evidence: go.traceback?.evidence ?? null,
  }
  if (symbolizer?.ownWalker === true)
    return {
      verdict: 'safe',
      headline: `${symbolizerName(symbolizer)} walks the stack by itself and enters no unwinder in a signal handler.`,
      reasons: [linked, { text: 'Its module is known for that.', evidence: go.buildInfo }],
      wouldChange: ['Another symbolizer.'],
    }
  const { handler } = facts
  if (handler.kind === 'none') return judgeUnseen(facts, linked)
  const enters: Reason = {
    text: 'The symbolizer’s traceback enters the unwinder.',
    evidence: handler.evidence,
  }
  if (handler.kind === 'missing')
    return unknown(
      missingText(facts),
      [linked, enters],
      [
        facts.complete
          ? 'The library that has _Unwind_Backtrace.'
          : 'With --sysroot FOLDER the libraries of the machine it will run on decide; --sysroot / means this machine.',
      ],
    )
  const unwinder = facts.unwinders.find(({ file }) => file === handler.object.path)
  if (unwinder === undefined)
    return unknown('The unwinder that the symbolizer enters could not be read.', [linked, enters])
  return judgeUnwinder(facts, unwinder, [linked, enters])
}

function missingText({ missing, complete }: ProgramFacts): string {
  const which = missing.find((name) => name.startsWith('libgcc_s')) ?? missing[0] ?? 'its library'
  return complete
    ? `The unwinder is in ${which}, which was not found.`
    : `The unwinder is in ${which} of the machine it will run on, which is not at hand.`
}

/** No call into an unwinder is to be seen: because there is none, or because the names are gone. */
function judgeUnseen({ program }: ProgramFacts, linked: Reason): Judgement {
  if (program.named)
    return {
      verdict: 'safe',
      headline: 'The symbolizer linked in never enters an unwinder that takes the loader’s lock.',
      reasons: [
        linked,
        {
          text: 'The program neither imports nor has _Unwind_Backtrace.',
          evidence: tablesOf(program),
        },
      ],
      wouldChange: [
        'A symbolizer that unwinds in a library which is loaded while the program runs.',
      ],
    }
  const found = LOOKUPS.flatMap((name) => symbolOf(program, name, 'imported') ?? [])
  const old = found.find(({ name }) => name.startsWith('dl_iterate_phdr'))
  if (old === undefined && program.dynamic)
    return {
      verdict: 'safe',
      headline:
        'Whatever unwinder is linked in, it can’t reach dl_iterate_phdr, which takes the loader’s lock.',
      reasons: [
        linked,
        { text: 'The program does not import dl_iterate_phdr.', evidence: tablesOf(program) },
      ],
      wouldChange: [],
    }
  return unknown(
    'An unwinder may be linked in, but the program was stripped: it can’t be told which.',
    [linked],
    ['The same program with its symbols (without -ldflags=-s, not stripped).'],
  )
}

function tablesOf(program: ProgramFacts['program']): Evidence {
  return {
    file: program.path,
    where: [...(program.dynamic ? ['.dynsym'] : []), ...(program.named ? ['.symtab'] : [])].join(
      ', ',
    ),
    value: 'no such name',
  }
}

/** The handler's unwinder is known: how does it find frames, and may a throw hold the lock that it takes? */
function judgeUnwinder(
  facts: ProgramFacts,
  unwinder: FoundUnwinder,
  before: readonly Reason[],
): Judgement {
  const name = describeUnwinder(unwinder)
  const looks: Reason = { text: lookupText(unwinder), evidence: unwinder.evidence.at(-1) ?? null }
  const reasons = [...before, looks]
  if (unwinder.lookup === '_dl_find_object')
    return {
      verdict: 'safe',
      headline: `The symbolizer unwinds with ${name}, which takes no lock.`,
      reasons,
      wouldChange: ['An older libgcc at run time, or one linked in.'],
    }
  if (unwinder.lookup === 'unknown')
    return unknown(
      `The symbolizer unwinds with ${name}; how that finds frames can’t be told.`,
      reasons,
    )
  if (facts.libc.kind === 'musl')
    return unknown(
      `The symbolizer unwinds with ${name} on musl, whose lock readers may share: not measured. With dlopen it can hang.`,
      reasons,
    )
  const throwers = facts.throws.map((binding) =>
    binding.kind === 'object'
      ? facts.unwinders.find(({ file }) => file === binding.object.path)
      : undefined,
  )
  const thrower = throwers.find((each) => each?.lookup === 'dl_iterate_phdr')
  if (thrower !== undefined)
    return {
      verdict: 'vulnerable',
      headline: `A signal during a C++ throw can deadlock: both the throw and the symbolizer unwind with ${name}, which takes the loader’s lock.`,
      reasons: [
        ...reasons,
        {
          text: `Exceptions go through ${describeUnwinder(thrower)}.`,
          evidence: thrower.evidence.at(-1) ?? null,
        },
      ],
      wouldChange: [
        'A libgcc of GCC 12 or newer built for glibc 2.35 or newer.',
        'A symbolizer that enters no unwinder.',
      ],
    }
  return unknown(
    facts.throws.length === 0
      ? `The symbolizer unwinds with ${name}, which takes the loader’s lock, but no C++ that throws is linked.`
      : `The symbolizer unwinds with ${name}, which takes the loader’s lock, while exceptions go another way.`,
    reasons,
    [
      'dlopen takes the same lock: a signal during it can deadlock.',
      'A library that throws and is loaded while the program runs.',
    ],
  )
}

/** What else was seen; it turns no verdict. */
function backgroundReasons({ go, libc }: ProgramFacts): Reason[] {
  const { file, version, offset } = libc
  return [
    ...(file !== null && version !== null && offset !== null
      ? [
          {
            text: `The C library is ${libc.kind} ${version}.`,
            evidence: { file, where: `file offset ${hex(offset)}`, value: version },
          },
        ]
      : []),
    ...(go?.profilers ?? []).map(({ name, evidence }) => ({
      text: `${name} is linked in: a CPU profile sends SIGPROF all the time.`,
      evidence,
    })),
  ]
}

function unknown(
  headline: string,
  reasons: readonly Reason[] = [],
  wouldChange: readonly string[] = [],
): Judgement {
  return { verdict: 'unknown', headline, reasons, wouldChange }
}
