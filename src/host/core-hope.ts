import { readdirSync, rmSync, statSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { runCommand } from '../exec.js'
import { readCoreFile } from './core-file.js'
import { readText } from './proc.js'

const PRLIMIT_MS = 10_000
/** A larger core is cut by the kernel, and tells most of it even so. */
const CORE_BYTES = 4 * 1024 * 1024 * 1024

/** Where a crash leaves its core. */
export interface CoreHope {
  /** Path of a core that was not there before; null when there is none */
  find(): string | null
  remove(core: string): void
}

/**
 * Lets what we start from now on leave a core when it crashes (limits are inherited), if that is a plain file in a
 * folder we can look into, and no file would be overwritten.
 * @param folder where the program is started
 * @returns null where cores go elsewhere, or the user keeps cores anyway: then they are none of ours
 */
export async function hopeForCore(
  folder: string,
  env: Readonly<Record<string, string>>,
): Promise<CoreHope | null> {
  const pattern = (readText('/proc/sys/kernel/core_pattern') ?? '').trim()
  const usesPid = (readText('/proc/sys/kernel/core_uses_pid') ?? '').trim() === '1'
  const place = readCorePattern(pattern, usesPid, folder)
  const limit = readCoreLimit(readText('/proc/self/limits') ?? '')
  if (place === null || limit.soft > 0 || limit.hard === 0) return null
  const before = new Set(listCores(place))
  if (place.fixed && before.size > 0) return null
  const raise = ['--pid', String(process.pid), `--core=${Math.min(limit.hard, CORE_BYTES)}:`]
  const options = { env, deadlineMs: PRLIMIT_MS, allowFailure: true }
  const { exitCode } = await runCommand('prlimit', raise, options)
  if (exitCode !== 0) return null
  return {
    find: () =>
      newest(listCores(place).filter((core) => !before.has(core) && readCoreFile(core) !== null)),
    remove: (core) => rmSync(core, { force: true }),
  }
}

export interface CorePlace {
  readonly folder: string
  /** Names that a core may have there */
  readonly names: RegExp
  /** All cores have one name */
  readonly fixed: boolean
}

/**
 * The meaning of kernel.core_pattern (core(5)): `core` and `core_uses_pid` → files `core.123` in the program's folder.
 * Null for a pipe (`|/usr/lib/systemd/systemd-coredump …`) and for folders that depend on the program.
 */
export function readCorePattern(
  pattern: string,
  usesPid: boolean,
  folder: string,
): CorePlace | null {
  const name = pattern.slice(pattern.lastIndexOf('/') + 1)
  const parent = dirname(pattern)
  if (name === '' || pattern.startsWith('|') || parent.includes('%')) return null
  const fields = name.split(/(%.)/)
  const names = fields
    .map((field) => {
      if (field === '%%') return '%'
      if (/^%[piIPutsgc]$/.test(field)) return '\\d+'
      return field.startsWith('%') ? '.*' : field.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&')
    })
    .join('')
  const withPid = usesPid && !fields.includes('%p')
  return {
    folder: resolve(folder, parent),
    names: new RegExp(`^${names}${withPid ? '\\.\\d+' : ''}$`),
    fixed: !withPid && !fields.some((field) => /^%[^%]/.test(field)),
  }
}

/** `Max core file size        0                    unlimited            bytes` */
function readCoreLimit(limits: string): { soft: number; hard: number } {
  const [, soft, hard] = /^Max core file size +(\S+) +(\S+)/m.exec(limits) ?? []
  const bytes = (text = '0'): number => (text === 'unlimited' ? Infinity : Number(text))
  return { soft: bytes(soft), hard: bytes(hard) }
}

function listCores({ folder, names }: CorePlace): string[] {
  try {
    return readdirSync(folder)
      .filter((name) => names.test(name))
      .map((name) => join(folder, name))
  } catch {
    return []
  }
}

function newest(paths: readonly string[]): string | null {
  const aged = paths.map((path) => ({ path, atMs: statSync(path).mtimeMs }))
  return aged.sort((a, b) => b.atMs - a.atMs)[0]?.path ?? null
}
