import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  type InputName,
  type Inputs,
  actingInputs,
  readInputTexts,
  readInputs,
} from '../../src/inputs/inputs.js'
import { ConfigurationError, errorMessage } from '../../src/errors.js'

type Given = Partial<Record<InputName, string>>

const inputs = (given: Given): Inputs => readInputs((name) => given[name as InputName] ?? '')

/** The message of the ConfigurationError that these inputs give. */
function refusal(given: Given): string {
  try {
    inputs(given)
  } catch (error) {
    expect(error).toBeInstanceOf(ConfigurationError)
    return errorMessage(error)
  }
  throw new Error(`${JSON.stringify(given)} was taken`)
}

describe('readInputs', () => {
  it('works with nothing given: today’s toolchain, 30 s, no deadlock expected', () => {
    expect(inputs({})).toEqual({
      goVersion: 'stable',
      glibcVersion: undefined,
      gccVersion: 'default',
      libgcc: 'shared',
      baseImage: undefined,
      symbolizer: 'ianlancetaylor',
      program: undefined,
      packages: [],
      image: undefined,
      command: [],
      runOptions: [],
      mitigation: 'none',
      experiment: 'both',
      sweepSignals: [27],
      sweepFunction: '__cxa_throw',
      sweepMap: false,
      selfCheck: false,
      duration: 30_000,
      stallTimeout: 10_000,
      expect: 'no-deadlock',
      gdbCommands: [],
      upload: 'always',
      artifactName: undefined,
      retentionDays: undefined,
      engine: undefined,
      aptMirror: undefined,
      imageRegistry: undefined,
    })
  })

  it('drops white space around a value', () => {
    expect(inputs({ expect: ' deadlock\n', 'glibc-version': ' 2.31 ' })).toMatchObject({
      expect: 'deadlock',
      glibcVersion: '2.31',
    })
  })

  it.each<[InputName, string]>([
    ['go-version', 'banana'],
    ['go-version', '1.9'],
    ['go-version', '1.26.y'],
    ['go-version', 'v1.26'],
    ['glibc-version', '3.1'],
    ['glibc-version', '2.31; rm -rf /'],
    ['gcc-version', '10.2'],
    ['libgcc', 'Static'],
    ['base-image', '--privileged'],
    ['base-image', 'debian bookworm'],
    ['image', 'a\nb'],
    ['symbolizer', 'two words'],
    ['symbolizer', 'github.com/a/b'],
    ['experiment', 'exhaustive'],
    ['sweep-signals', 'SIGKILL'],
    ['sweep-signals', 'SIGPROF,SIGSEGV'],
    ['sweep-signals', 'SIGNOTHING'],
    ['sweep-signals', ','],
    ['sweep-function', 'a b;c'],
    ['sweep-map', 'yes'],
    ['self-check', '1'],
    ['sweep-function', '--kill'],
    ['program', 'example.org/cmd'],
    ['program', './a\nb'],
    ['program', '-o'],
    ['packages', '-o=Dir::Etc=/x'],
    ['packages', 'gcc-'],
    ['packages', './local.deb'],
    ['packages', '/etc/x.deb'],
    ['packages', 'lib*'],
    ['packages', '$(id)'],
    ['packages', 'a;id'],
    ['packages', 'a=$(id)'],
    ['expect', 'maybe'],
    ['upload', 'true'],
    ['artifact-name', 'a/b'],
    ['artifact-name', 'a\nb'],
    ['retention-days', '0'],
    ['retention-days', '401'],
    ['retention-days', '7.5'],
    ['engine', 'containerd'],
    ['apt-mirror', 'ftp://mirror.example'],
    ['apt-mirror', 'http://mirror.example/$(id)'],
    ['image-registry', 'https://mirror.example'],
  ])('refuses %s %j and says what is allowed', (name, value) => {
    const message = refusal({ [name]: value })
    expect(message).toContain(`Input ${name} is ${JSON.stringify(value)}`)
    expect(message).toMatch(/Allowed: .{6,}\.$|quotes\.$/)
  })

  it.each<[InputName, string, keyof Inputs, unknown]>([
    ['go-version', '1.17.13', 'goVersion', '1.17.13'],
    ['go-version', 'oldstable', 'goVersion', 'oldstable'],
    ['base-image', 'ghcr.io/o/n:1@sha256:abc', 'baseImage', 'ghcr.io/o/n:1@sha256:abc'],
    ['symbolizer', 'none', 'symbolizer', 'none'],
    ['sweep-signals', 'SIGPROF, URG SIGPROF', 'sweepSignals', [27, 23]],
    [
      'sweep-function',
      'libstdc++.so.6.0.28+0xa5c20',
      'sweepFunction',
      'libstdc++.so.6.0.28+0xa5c20',
    ],
    ['sweep-function', '_ZN3foo3barEv@@V_1', 'sweepFunction', '_ZN3foo3barEv@@V_1'],
    ['symbolizer', 'milvus-io@114f4050c3a6', 'symbolizer', 'milvus-io@114f4050c3a6'],
    ['symbolizer', 'github.com/a/b@v1.2.3+x', 'symbolizer', 'github.com/a/b@v1.2.3+x'],
    ['symbolizer', './my module', 'symbolizer', './my module'],
    ['symbolizer', '.', 'symbolizer', '.'],
    ['apt-mirror', 'http://m.example:80/debian/', 'aptMirror', 'http://m.example:80/debian'],
    ['image-registry', 'm.example:5000/hub/', 'imageRegistry', 'm.example:5000/hub'],
    ['retention-days', '7', 'retentionDays', 7],
    ['engine', 'podman', 'engine', 'podman'],
    ['gdb-commands', 'info files\n\n  p $pc \r\n', 'gdbCommands', ['info files', 'p $pc']],
  ])('takes %s %j', (name, value, key, expected) => {
    expect(inputs({ [name]: value })[key]).toEqual(expected)
  })

  it('reads packages with blanks and lines between them', () => {
    const given = { program: './cmd/x', packages: 'libsqlite3-dev  g++\nlibc6=2.41-12+deb13u1' }
    expect(inputs(given)).toMatchObject({
      program: './cmd/x',
      packages: ['libsqlite3-dev', 'g++', 'libc6=2.41-12+deb13u1'],
    })
  })

  it('leaves a program of one’s own the symbolizer that it imports', () => {
    expect(inputs({ program: './cmd/x' }).symbolizer).toBe('')
    expect(inputs({ program: './cmd/x', symbolizer: 'none' }).symbolizer).toBe('none')
  })

  it('offers the path for a bare folder', () => {
    expect(refusal({ program: 'cmd/x' })).toContain('Write ./cmd/x for a folder.')
  })

  it('refuses packages without a program that needs them, and a program beside an image', () => {
    expect(refusal({ packages: 'libsqlite3-dev' })).toContain(
      'Name your own with the input program',
    )
    expect(refusal({ image: 'service:1', program: './cmd/x' })).toMatch(/skips the build.*program/)
  })

  it('says how to quote a version that YAML has read as a number', () => {
    expect(refusal({ 'go-version': '1.2' })).toContain("write '1.20' with quotes")
    expect(refusal({ 'glibc-version': '2.4' })).toContain("write '2.40' with quotes")
  })

  it('refuses image beside what only a build would use', () => {
    const message = refusal({ image: 'service:1', 'go-version': '1.26', libgcc: 'static' })
    expect(message).toMatch(/image is "service:1".*go-version, libgcc/)
    expect(inputs({ image: 'service:1', 'go-version': 'stable' }).image).toBe('service:1')
  })
})

describe('durations', () => {
  it.each([
    ['90s', 90_000],
    ['2m', 120_000],
    ['1500ms', 1500],
    ['1h', 3_600_000],
    ['1.5m', 90_000],
  ])('reads %s', (value, milliseconds) => {
    expect(inputs({ duration: value }).duration).toBe(milliseconds)
  })

  it('refuses a bare number and offers the unit', () => {
    const message = refusal({ duration: '90' })
    expect(message).toContain('Input duration is "90"')
    expect(message).toContain('did you mean 90s?')
  })

  it.each(['0s', '999ms', '7h', '-5s', '5 s', '1d', '1h30m', '1e3s', 's', 'Infinitys'])(
    'refuses %j as a duration',
    (value) => {
      expect(refusal({ duration: value })).toContain('from 1s to 6h')
    },
  )

  it('has bounds of its own for the stall timeout', () => {
    expect(inputs({ 'stall-timeout': '500ms' }).stallTimeout).toBe(500)
    expect(refusal({ 'stall-timeout': '499ms' })).toContain('from 500ms to 1h')
  })
})

describe('command', () => {
  it.each([
    ['-threads 2 -warm', ['-threads', '2', '-warm']],
    [`sh -c 'echo "$HOME"; id'`, ['sh', '-c', 'echo "$HOME"; id']],
    ['a "b c" d\\ e', ['a', 'b c', 'd e']],
    ['prog \\\n  --flag', ['prog', '--flag']],
    ['a\nb', ['a', 'b']],
    ['$(id) `id` && x | y > z *', ['$(id)', '`id`', '&&', 'x', '|', 'y', '>', 'z', '*']],
    [`''`, ['']],
  ])('splits %j by the rules of quoting and expands nothing', (value, expected) => {
    expect(inputs({ command: value }).command).toEqual(expected)
  })

  it('refuses an open quote', () => {
    expect(refusal({ command: `echo 'it` })).toMatch(/Input command is .*quote/)
  })
})

describe('run-options', () => {
  const options = (text: string): readonly string[] => inputs({ 'run-options': text }).runOptions

  it.each([
    ['--env A=1', ['--env=A=1']],
    ['--env=A=1', ['--env=A=1']],
    ['-e A=1', ['--env=A=1']],
    ['-eA=1', ['--env=A=1']],
    ['-e=A=1', ['--env=A=1']],
    ['-e "A=b c"', ['--env=A=b c']],
    ['--net host', ['--network=host']],
    ['--read-only\n# a comment\n\n--user 1000:1000', ['--read-only', '--user=1000:1000']],
    ['-v data:/data', ['--volume=data:/data']],
    ['-v /srv/data:/run:ro', ['--volume=/srv/data:/run:ro']],
    ['-v /runner/_work:/w', ['--volume=/runner/_work:/w']],
    ['--tmpfs /run', ['--tmpfs=/run']],
    ['--mount type=bind,src=/srv,dst=/run', ['--mount=type=bind,src=/srv,dst=/run']],
    ['--cap-add SYS_PTRACE', ['--cap-add=SYS_PTRACE']],
    ['--security-opt seccomp=unconfined', ['--security-opt=seccomp=unconfined']],
    ['--label team=x', ['--label=team=x']],
  ])('takes %j', (text, expected) => {
    expect(options(text)).toEqual(expected)
  })

  it.each([
    '--privileged',
    '--privileged=true',
    '--pid host',
    '--pid=container:x',
    '-v /var/run/docker.sock:/var/run/docker.sock',
    '-v/var/run/docker.sock:/x',
    '-v=/var/run/docker.sock:/x',
    '--volume=/run/docker.sock:/x:ro',
    '--volume "/var/run/docker.sock:/x"',
    "-v '/var//run/./docker.sock':/x",
    '-v /var/run:/x',
    '-v /run/:/x',
    '-v /var:/x',
    '-v /:/host',
    '-v /srv/../run:/x',
    '-v ../../../../../../run:/x',
    '-v /run/user/1000/docker.sock:/x',
    '-v /run/user/1000:/x',
    '-v /home/u/.colima/docker.sock:/x',
    '-v /run/podman/podman.sock:/x',
    '--mount type=bind,source=/var/run/docker.sock,target=/x',
    '--mount type=bind,src=/run,dst=/x',
    '--mount "type=bind,\\"src=/run/docker.sock\\",dst=/x"',
    '--mount type=volume,src=v,dst=/x,volume-opt=o=bind,volume-opt=device=/var/run',
    '--device /var/run/docker.sock',
    '--device=/run:/x',
    '--volumes-from other',
    '--use-api-socket',
    '--cap-add ALL',
    '--cap-add=cap_all',
    '--network container:abc',
    '--label cgo-deadlock.run=x',
    '-l cgo-deadlock.run=x',
    '--label-file labels',
    '--name x',
    '--rm',
    '-d',
    '--detach',
    '-it',
    '--tty',
    '--init=false',
    '--restart always',
    '--log-driver json-file',
    '--runtime x',
    '--userns host',
    '--pull always',
    '--frobnicate 1',
    'ubuntu',
    '--',
    '-',
    '--env',
    '--env=',
    '--env A=1 evil/image',
    '--env=A=1 evil/image',
    '--read-only evil/image',
    '--read-only=false',
    '--__proto__=1',
    '--constructor 1',
    '-e "open',
  ])('refuses %j and names the line', (text) => {
    expect(refusal({ image: 'service', 'run-options': text })).toContain('run-options')
    expect(refusal({ image: 'service', 'run-options': `--env A=1\n${text}` })).toContain(
      JSON.stringify(text).slice(1, 12),
    )
  })

  it('takes an entry point only for an image of one’s own', () => {
    expect(inputs({ image: 'service', 'run-options': '--entrypoint /app' }).runOptions).toEqual([
      '--entrypoint=/app',
    ])
    expect(refusal({ 'run-options': '--entrypoint /app' })).toContain('image')
  })

  it('gives every option as one argument that begins with a known name', () => {
    fc.assert(
      fc.property(
        fc.uint16Array().map((units) => String.fromCharCode(...units)),
        (value) => {
          const text = `--env "A=${value.replace(/["\\\r\n\0]/g, '')}"`
          expect(options(text)).toHaveLength(1)
          expect(options(text)[0]).toMatch(/^--env=A=/)
        },
      ),
    )
  })
})

describe('actingInputs', () => {
  it('leaves out what only a build would use when an image is given', () => {
    const texts = readInputTexts((name) => (name === 'image' ? 'debian:bookworm' : ''))
    expect(actingInputs(texts)).not.toHaveProperty('go-version')
    expect(actingInputs(texts)).toMatchObject({ image: 'debian:bookworm', duration: '30s' })
    expect(actingInputs(readInputTexts(() => ''))).toMatchObject({
      'go-version': 'stable',
      symbolizer: 'ianlancetaylor',
    })
  })
})
