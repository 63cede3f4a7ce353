import { access, constants } from 'node:fs/promises'
import { delimiter, join } from 'node:path'

/** Every file of that name in a folder of the PATH that can be executed, in the order of the PATH. */
export async function findOnPath(
  name: string,
  env: Readonly<Record<string, string>>,
): Promise<string[]> {
  const folders = (env['PATH'] ?? '').split(delimiter).filter((folder) => folder !== '')
  const candidates = [...new Set(folders)].map((folder) => join(folder, name))
  const executable = await Promise.all(candidates.map(isExecutable))
  return candidates.filter((_file, index) => executable[index] === true)
}

/** True where at least one such file is. */
export async function isOnPath(
  name: string,
  env: Readonly<Record<string, string>>,
): Promise<boolean> {
  return (await findOnPath(name, env)).length > 0
}

/** True for a program, and for a folder that may be entered. */
export function isExecutable(file: string): Promise<boolean> {
  return access(file, constants.X_OK).then(
    () => true,
    () => false,
  )
}
