import { cp, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
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
  /** Folder that stands for this action as others name it; without one it is only known as `./` */
  readonly action?: string
  readonly env: Readonly<Record<string, string>>
}

export interface Repository {
  readonly path: string
  readonly remove: () => Promise<void>
}

/** This repository as it is, committed or not, in a folder of its own, as a checkout would have it. */
export async function makeRepository(): Promise<Repository> {
  const path = await mkdtemp(join(tmpdir(), 'repository-'))
  const options = { env: hostEnvironment(), deadlineMs: GIT_MS }
  const { stdout } = await runCommand(
    'git',
    ['ls-files', '--cached', '--others', '--exclude-standard'],
    { ...options, cwd: ROOT },
  )
  const pack = ['--create', '--file', join(path, '.tar'), '--files-from', '-']
  await runCommand('tar', pack, { ...options, cwd: ROOT, input: stdout })
  await runCommand('tar', ['--extract', '--file', '.tar'], { ...options, cwd: path })
  await rm(join(path, '.tar'))
  await commitAll(path, 'cgo-deadlock-action')
  return { path, remove: () => rm(path, { recursive: true, force: true }) }
}

/** A repository of somebody who uses this action: each file with its text, or copied from a path of this repository. */
export async function makeUserRepository(
  files: Readonly<Record<string, { readonly text: string } | { readonly from: string }>>,
): Promise<Repository> {
  const path = await mkdtemp(join(tmpdir(), 'user-repository-'))
  for (const [name, file] of Object.entries(files)) {
    const to = join(path, name)
    await mkdir(dirname(to), { recursive: true })
    if ('text' in file) await writeFile(to, file.text)
    else await cp(join(ROOT, file.from), to, { recursive: true })
  }
  await commitAll(path, 'project')
  return { path, remove: () => rm(path, { recursive: true, force: true }) }
}

/** As a pull request is checked out: what it goes to is the commit before. */
async function commitAll(path: string, name: string): Promise<void> {
  const git = (...args: string[]): Promise<unknown> =>
    runCommand('git', args, { env: hostEnvironment(), cwd: path, deadlineMs: GIT_MS })
  const author = ['-c', 'user.name=Somebody', '-c', 'user.email=somebody@example.invalid']
  await git('init', '--quiet', '--initial-branch', 'main')
  await git('add', '--all')
  await git(...author, 'commit', '--quiet', '--message', 'All of it')
  await git(...author, 'commit', '--quiet', '--allow-empty', '--message', 'A change')
  await git('remote', 'add', 'origin', `https://github.com/owner/${name}`)
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
    ...(request.action === undefined
      ? []
      : ['--local-repository', `OWNER/cgo-deadlock-action@v1=${request.action}`]),
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
