import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { rootCertificates } from 'node:tls'
import type { Secret } from './arguments.js'

/** Settings of the go command that a build honours. */
const GO_SETTINGS = [
  'GOPROXY',
  'GOSUMDB',
  'GONOSUMDB',
  'GOPRIVATE',
  'GONOPROXY',
  'GOINSECURE',
] as const

/** Writes what only the build may know to files that their owner alone can read. */
export async function writeSecrets(
  folder: string,
  env: Readonly<Record<string, string>>,
  aptMirror: string | undefined,
): Promise<Secret[]> {
  await mkdir(folder, { recursive: true, mode: 0o700 })
  const contents: Record<string, string> = {
    ca: await readCertificates(env),
    'go-env': goSettings(env),
    'apt-mirror': aptMirror === undefined ? '' : `${aptMirror}\n`,
  }
  const secrets: Secret[] = []
  for (const [id, content] of Object.entries(contents)) {
    const file = join(folder, id)
    await writeFile(file, content, { mode: 0o600 })
    secrets.push({ id, file })
  }
  return secrets
}

/** Lines of a file as `go env -w` keeps it; values with a line end are left out. */
export function goSettings(env: Readonly<Record<string, string>>): string {
  return GO_SETTINGS.flatMap((name) => {
    const value = env[name]
    return value === undefined || value === '' || /[\r\n]/.test(value) ? [] : [`${name}=${value}\n`]
  }).join('')
}

/** The machine's bundle where SSL_CERT_FILE names one, else the certificates that come with Node. */
async function readCertificates(env: Readonly<Record<string, string>>): Promise<string> {
  const own = env['SSL_CERT_FILE']
  if (own !== undefined && own !== '') return readFile(own, 'utf8')
  return rootCertificates.join('\n')
}
