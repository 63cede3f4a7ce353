import { mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { z } from 'zod'
import { runCommand, startCommand } from '../../src/exec.js'
import { ROOT } from '../helpers/runner.js'
import { hostEnvironment } from '../helpers/tools.js'

const GIT_MS = 120_000
const WORKFLOW_MS = 900_000
/** Runners that the workflows name; act runs their jobs on this host. */
const RUNNERS = ['ubuntu-24.04', 'ubuntu-26.04', 'ubuntu-latest']

/** A line of `act --json`. */
const Line = z.object({
  job: z.string().default(''),
  stage: z.string().default(''),
  step: z.string().default(''),
  stepID: z.array(z.string()).default([]),
  stepResult: z.string().optional(),
  jobResult: z.string().optional(),
  command: z.string().optional(),
  msg: z.string().default(''),
})
export type ActLine = z.infer<typeof Line>

export interface WorkflowRun {
  readonly exitCode: number | undefined
  readonly lines: readonly ActLine[]
  /** Job's name → its result */
  readonly jobs: ReadonlyMap<string, string>
  /** What steps wrote to GITHUB_STEP_SUMMARY */
  readonly summaries: readonly string[]
}

export interface WorkflowRequest {
  readonly act: string
  readonly event: 'workflow_dispatch' | 'pull_request'
  /** Below the repository */
  readonly file: string
  readonly job?: string
  /** `key:value` of the cells to run; all without */
  readonly matrix?: readonly string[]
  readonly env: Readonly<Record<string, string>>
}

/** This repository as it is, committed or not, in a folder of its own, as a checkout would have it. */
export async function makeRepository(): Promise<{ path: string; remove: () => Promise<void> }> {
  const path = await mkdtemp(join(tmpdir(), 'repository-'))
  const git = (cwd: string, ...args: string[]): Promise<{ stdout: string }> =>
    runCommand('git', args, { env: hostEnvironment(), cwd, deadlineMs: GIT_MS })
  const { stdout } = await git(ROOT, 'ls-files', '--cached', '--others', '--exclude-standard')
  await runCommand('tar', ['--create', '--file', join(path, '.tar'), '--files-from', '-'], {
    env: hostEnvironment(),
    cwd: ROOT,
    input: stdout,
    deadlineMs: GIT_MS,
  })
  const unpack = ['--extract', '--file', '.tar']
  await runCommand('tar', unpack, { env: hostEnvironment(), cwd: path, deadlineMs: GIT_MS })
  await rm(join(path, '.tar'))
  await git(path, 'init', '--quiet', '--initial-branch', 'main')
  await git(path, 'add', '--all')
  const author = ['-c', 'user.name=Somebody', '-c', 'user.email=somebody@example.invalid']
  await git(path, ...author, 'commit', '--quiet', '--message', 'All of it')
  // As a pull request is checked out: what it goes to is the commit before.
  const change = ['commit', '--quiet', '--allow-empty', '--message', 'A change']
  await git(path, ...author, ...change)
  await git(path, 'remote', 'add', 'origin', 'https://github.com/owner/cgo-deadlock-action')
  return { path, remove: () => rm(path, { recursive: true, force: true }) }
}

/**
 * Runs a workflow of the repository with act: its jobs on this host, on the Node that the action declares, with the
 * results server that `env` names.
 */
export async function runWorkflow(
  repository: string,
  request: WorkflowRequest,
): Promise<WorkflowRun> {
  const folder = await mkdtemp(join(tmpdir(), 'act-'))
  const lines: ActLine[] = []
  let rest = ''
  const { PATH = '', ...env } = hostEnvironment()
  const running = startCommand(request.act, await actArguments(request, folder), {
    cwd: repository,
    env: {
      ...env,
      ...request.env,
      // act's steps inherit all of this; what a runner would not have stays out.
      HOME: folder,
      XDG_CACHE_HOME: join(folder, 'cache'),
      PATH: `${dirname(process.execPath)}:${PATH}`,
    },
    deadlineMs: WORKFLOW_MS,
    onOutput: (chunk, stream) => {
      if (stream !== 'stdout') return
      const texts = (rest + chunk.toString()).split('\n')
      rest = texts.pop() ?? ''
      lines.push(...texts.flatMap(parseLine))
    },
  })
  const { exitCode } = await running.finished
  await rm(folder, { recursive: true, force: true })
  return {
    exitCode,
    lines,
    jobs: new Map(
      lines.flatMap(({ job, jobResult }) => (jobResult === undefined ? [] : [[job, jobResult]])),
    ),
    summaries: lines.filter(({ command }) => command === 'summary').map(({ msg }) => msg),
  }
}

async function actArguments(request: WorkflowRequest, folder: string): Promise<string[]> {
  return [
    request.event,
    ...['--workflows', request.file, '--json', '--concurrent-jobs', '1'],
    ...RUNNERS.flatMap((name) => ['--platform', `${name}=-self-hosted`]),
    ...(request.job === undefined ? [] : ['--job', request.job]),
    ...(request.matrix ?? []).flatMap((cell) => ['--matrix', cell]),
    ...['--action-cache-path', join(folder, 'cache')],
    // Its own server stays unused, but only with one does it hand on the variables of ours.
    ...['--artifact-server-path', join(folder, 'artifacts')],
    ...['--artifact-server-addr', '127.0.0.1', '--artifact-server-port', await freePort()],
  ]
}

function parseLine(text: string): ActLine[] {
  try {
    return [Line.parse(JSON.parse(text))]
  } catch {
    return []
  }
}

async function freePort(): Promise<string> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  await new Promise((resolve) => server.close(resolve))
  return String(port)
}
