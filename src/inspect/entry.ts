import { posix } from 'node:path'
import type { ImageEntry } from '../container/containers.js'

const SHELLS = ['sh', 'bash', 'dash', 'ash', 'busybox']
/** Small first processes that start the program named after their options. */
const INITS = ['tini', 'tini-static', 'dumb-init', 'catatonit', 'docker-init']

/** Where the program that an image starts may be, best guess first; none where a shell decides that. */
export function entryCandidates(entry: ImageEntry): string[] {
  const words = [...entry.entrypoint, ...entry.command]
  const isInit = INITS.includes(posix.basename(words[0] ?? ''))
  const name = (isInit ? words.slice(1).find((word) => !word.startsWith('-')) : words[0]) ?? ''
  if (name === '' || SHELLS.includes(posix.basename(name))) return []
  if (name.includes('/')) return [posix.resolve(entry.folder, name)]
  const path =
    variableOf(entry, 'PATH') ?? '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'
  return path.split(':').map((folder) => posix.join(folder, name))
}

/** LD_LIBRARY_PATH's folders in the image's environment. */
export function libraryPathOf(entry: ImageEntry): string[] {
  return (variableOf(entry, 'LD_LIBRARY_PATH') ?? '').split(':').filter((folder) => folder !== '')
}

function variableOf({ env }: ImageEntry, name: string): string | undefined {
  return env.find((line) => line.startsWith(`${name}=`))?.slice(name.length + 1)
}
