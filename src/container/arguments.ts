/** Label on every container of ours; its value is the run id. */
export const RUN_LABEL = 'cgo-deadlock.run'

/** Where the tools image keeps our native tools. */
export const TOOLS_FOLDER = '/opt/cgo-deadlock'

export interface TargetPlan {
  readonly name: string
  readonly runId: string
  readonly image: string
  /** Arguments after the image's name */
  readonly command: readonly string[]
  /** The user's own `create` arguments, already checked; each replaces the default of ours that it names */
  readonly runOptions: readonly string[]
  /** Program to start instead of the image's own entry point */
  readonly entrypoint?: string
}

/** Ours unless the user's run options name the same flag: least privilege, bounded, nothing written to the daemon's disk. */
const TARGET_DEFAULTS: readonly (readonly [flag: string, value: string | undefined])[] = [
  ['--init', undefined],
  ['--cap-drop', 'ALL'],
  ['--security-opt', 'no-new-privileges'],
  ['--network', 'none'],
  ['--pids-limit', '8192'],
  ['--memory', '4g'],
]

/** podman takes one limit on the command line for a reason to forget all that its settings say, so not there. */
const NO_CORE = ['--ulimit', 'core=0'] as const

/** Flags with another name for the same thing. */
const ALIASES: Readonly<Record<string, string>> = { '--net': '--network', '-m': '--memory' }

/**
 * `create` for the target: nothing of ours in it, no capability, no network, an init, bounded.
 * `--log-driver none` keeps its output off the daemon's disk; we read it from the attached stream alone.
 */
export function targetArguments(plan: TargetPlan, engine: 'docker' | 'podman'): string[] {
  const named = new Set(plan.runOptions.map(flagOf))
  const defaults = [...TARGET_DEFAULTS, ...(engine === 'docker' ? [NO_CORE] : [])]
    .filter(([flag]) => !named.has(flag) || isAdditive(flag))
    .flatMap(([flag, value]) => (value === undefined ? [flag] : [flag, value]))
  return [
    'create',
    ...['--name', plan.name, '--label', `${RUN_LABEL}=${plan.runId}`],
    ...['--pull', 'never', '--log-driver', 'none'],
    ...defaults,
    ...plan.runOptions,
    ...(plan.entrypoint === undefined ? [] : ['--entrypoint', plan.entrypoint]),
    plan.image,
    ...plan.command,
  ]
}

/** A second `--security-opt` or `--ulimit` adds to the first and does not replace it. */
function isAdditive(flag: string): boolean {
  return flag === '--cap-drop' || flag === '--security-opt' || flag === '--ulimit'
}

function flagOf(option: string): string {
  const flag = option.split('=', 1)[0] ?? option
  return ALIASES[flag] ?? flag
}

export interface SidecarPlan {
  readonly name: string
  readonly runId: string
  readonly image: string
  readonly target: string
  /** Program and arguments inside the tools image */
  readonly command: readonly string[]
}

/**
 * `create` for the sidecar: joins the target's pid namespace and may trace and read what runs there, nothing else.
 * With SYS_PTRACE alone a target that runs as another user can't be read; DAC_OVERRIDE opens its `/proc` files.
 */
export function sidecarArguments(plan: SidecarPlan): string[] {
  return [
    'create',
    ...['--name', plan.name, '--label', `${RUN_LABEL}=${plan.runId}`],
    ...['--pull', 'never', '--log-driver', 'none', '--interactive'],
    ...['--pid', `container:${plan.target}`, '--network', 'none'],
    ...['--cap-drop', 'ALL', '--cap-add', 'SYS_PTRACE', '--cap-add', 'DAC_OVERRIDE'],
    ...['--security-opt', 'no-new-privileges', '--read-only', '--tmpfs', '/tmp:rw,size=256m'],
    ...['--pids-limit', '64', '--memory', '4g', '--user', '0:0', '--workdir', '/'],
    plan.image,
    ...plan.command,
  ]
}
