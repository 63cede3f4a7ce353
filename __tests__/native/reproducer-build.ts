import { cp, mkdir, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { execa } from 'execa'

const NATIVE = path.resolve(import.meta.dirname, '../../native')

/**
 * Builds the reproducer with the host's Go and g++, laid out as an image build lays it out.
 *
 * @param files - Go files to add, by name; a symbolizer of the test's own may be among them
 * @returns the path of the executable, `<folder>/reproducer`
 * @throws Error that says what to install when there is no Go or g++, or with the compiler's words
 */
export async function buildReproducer(
  folder: string,
  symbolizer: 'none' | 'framepointer',
  files: Readonly<Record<string, string>>,
): Promise<string> {
  await requireCommand('go', ['version'], 'the package golang-go, or a newer Go in PATH')
  await requireCommand('g++', ['--version'], 'the package g++')
  await mkdir(folder, { recursive: true })
  await cp(path.join(NATIVE, 'reproducer'), folder, { recursive: true })
  if (symbolizer === 'framepointer') await addFramepointer(folder)
  for (const [name, text] of Object.entries(files)) await writeFile(path.join(folder, name), text)
  const executable = path.join(folder, 'reproducer')
  await execa('go', ['build', '-o', executable, '.'], {
    cwd: folder,
    env: {
      CGO_ENABLED: '1',
      CGO_LDFLAGS_ALLOW: '-Wl,--wrap=x_cgo_callers',
      GOFLAGS: '-mod=mod',
      GOPROXY: 'off',
      GOTOOLCHAIN: 'local',
      GOWORK: 'off',
    },
  })
  return executable
}

async function addFramepointer(folder: string): Promise<void> {
  const module = 'cgo-deadlock.example/framepointer'
  const directory = path.join(NATIVE, 'symbolizers/framepointer')
  await writeFile(
    path.join(folder, 'go.mod'),
    `module reproducer\n\ngo 1.11\n\nrequire ${module} v0.0.0\n\nreplace ${module} => ${directory}\n`,
  )
  await writeFile(
    path.join(folder, 'symbolizer.go'),
    `package main\n\nimport _ ${JSON.stringify(module)}\n`,
  )
}

async function requireCommand(command: string, args: string[], remedy: string): Promise<void> {
  const { failed } = await execa(command, args, { reject: false })
  if (failed) {
    throw new Error(
      `These tests build native/reproducer: ${command} does not run. Install ${remedy}.`,
    )
  }
}
