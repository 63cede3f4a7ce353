import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { mkdir, readFile, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { runCommand } from '../../src/exec.js'
import { ROOT } from '../helpers/runner.js'
import { hostEnvironment, installTools } from '../helpers/tools.js'

const ACTIONLINT = 'github.com/rhysd/actionlint/cmd/actionlint@v1.7.12'
const REQUIREMENTS = join(import.meta.dirname, 'requirements.txt')
const CACHE = join(ROOT, 'node_modules', '.cache', 'workflow-tools')
const INSTALL_MS = 600_000

/** Paths of the programs that run and check workflows. */
export interface WorkflowTools {
  readonly act: string
  readonly actionlint: string
  readonly zizmor: string
}

/** Makes sure that the pinned versions are here: act and zizmor from PyPI, actionlint from its Go module. */
export async function installWorkflowTools(): Promise<WorkflowTools> {
  const requirements = await readFile(REQUIREMENTS)
  const digest = createHash('sha256').update(requirements).update(ACTIONLINT).digest('hex')
  const folder = join(CACHE, digest.slice(0, 16))
  // actionlint hands scripts to shellcheck where there is one.
  await installTools({ shellcheck: 'shellcheck', go: 'golang-go', git: 'git', pip3: 'python3-pip' })
  if (!existsSync(folder)) await fill(folder)
  return {
    act: join(folder, 'python', 'bin', 'act'),
    zizmor: join(folder, 'python', 'bin', 'zizmor'),
    actionlint: join(folder, 'go', 'actionlint'),
  }
}

/** Fills a folder beside it first, so that one that is there is complete. */
async function fill(folder: string): Promise<void> {
  const draft = `${folder}.${process.pid}`
  await mkdir(draft, { recursive: true })
  const env = hostEnvironment()
  const options = { env, deadlineMs: INSTALL_MS }
  const python = ['--quiet', '--no-deps', '--target', join(draft, 'python')]
  await runCommand('pip3', ['install', ...python, '--requirement', REQUIREMENTS], options)
  await runCommand('go', ['install', ACTIONLINT], {
    ...options,
    env: { ...env, GOBIN: join(draft, 'go') },
  })
  await rename(draft, folder).catch(() => rm(draft, { recursive: true }))
}
