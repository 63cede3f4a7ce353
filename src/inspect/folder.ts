import { lstat, readdir, realpath } from 'node:fs/promises'
import { join } from 'node:path'
import { isProgram, readElf } from './elf.js'
import { withBytes } from './roots.js'

/**
 * Every ELF program below a folder, as paths that begin at it with `/`. Links are not followed, nor other file systems
 * entered (/proc).
 * @throws Error with the system's code when the folder can't be read
 */
export async function findPrograms(folder: string): Promise<string[]> {
  const { dev } = await lstat(await realpath(folder))
  const found: string[] = []
  const walk = async (below: string): Promise<void> => {
    const path = join(folder, below)
    const entries = await readdir(path, { withFileTypes: true })
    for (const entry of entries.toSorted((a, b) => (a.name < b.name ? -1 : 1))) {
      const next = `${below}/${entry.name}`
      if (entry.isDirectory() && (await lstat(join(folder, next))).dev === dev) await walk(next)
      if (entry.isFile() && isProgramFile(join(folder, next))) found.push(next)
    }
  }
  await walk('')
  return found
}

/** Whether a file can be read and is an ELF program. */
export function isProgramFile(file: string): boolean {
  try {
    return withBytes(file, (bytes) => {
      const elf = readElf(bytes)
      return elf !== null && isProgram(elf)
    })
  } catch {
    return false
  }
}

/** Whether a folder holds the files of a whole machine or image, so that its own libraries decide. */
export async function isWholeRoot(folder: string): Promise<boolean> {
  const parts = await Promise.all(
    ['etc', 'usr/lib'].map((part) => lstat(join(folder, part)).catch(() => null)),
  )
  return parts.every((part) => part?.isDirectory() === true)
}
