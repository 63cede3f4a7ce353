import { describe, expect, it } from 'vitest'
import { sidecarArguments, targetArguments } from '../../src/container/arguments.js'

const target = {
  name: 'n',
  runId: 'r1',
  image: 'debian:trixie',
  command: ['a', '--b'],
  runOptions: [] as string[],
}

/** The values given for a flag, in either form. */
function values(args: readonly string[], flag: string): string[] {
  return args.flatMap((arg, index) =>
    arg === flag
      ? [args[index + 1] ?? '']
      : arg.startsWith(`${flag}=`)
        ? [arg.slice(flag.length + 1)]
        : [],
  )
}

describe('targetArguments', () => {
  it('gives the target no capability, no network, no new privileges, an init, bounds and its label', () => {
    const args = targetArguments(target, 'docker')
    expect(values(args, '--cap-drop')).toEqual(['ALL'])
    expect(values(args, '--cap-add')).toEqual([])
    expect(values(args, '--network')).toEqual(['none'])
    expect(values(args, '--security-opt')).toEqual(['no-new-privileges'])
    expect(values(args, '--log-driver')).toEqual(['none'])
    expect(args).toContain('--init')
    expect(values(args, '--memory')).toHaveLength(1)
    expect(values(args, '--pids-limit')).toHaveLength(1)
    expect(values(args, '--label')).toEqual(['cgo-deadlock.run=r1'])
  })

  it('puts the command after the image, untouched', () => {
    expect(targetArguments(target, 'docker').slice(-3)).toEqual(['debian:trixie', 'a', '--b'])
  })

  it('weakens only what a run option names', () => {
    const args = targetArguments(
      { ...target, runOptions: ['--network=bridge', '--cap-add=NET_RAW'] },
      'docker',
    )
    expect(values(args, '--network')).toEqual(['bridge'])
    expect(values(args, '--cap-drop')).toEqual(['ALL'])
    expect(values(args, '--cap-add')).toEqual(['NET_RAW'])
    expect(values(args, '--security-opt')).toEqual(['no-new-privileges'])
  })

  it('knows other names of the same flag', () => {
    const args = targetArguments({ ...target, runOptions: ['--net=host', '-m=9g'] }, 'docker')
    expect(values(args, '--network')).toEqual([])
    expect(values(args, '--memory')).toEqual([])
  })

  it('sets no limit of its own on podman, which would forget those of its settings', () => {
    expect(values(targetArguments(target, 'docker'), '--ulimit')).toEqual(['core=0'])
    expect(values(targetArguments(target, 'podman'), '--ulimit')).toEqual([])
  })

  it('sets the entry point only when asked', () => {
    expect(targetArguments(target, 'docker')).not.toContain('--entrypoint')
    expect(
      values(targetArguments({ ...target, entrypoint: '/gate' }, 'docker'), '--entrypoint'),
    ).toEqual(['/gate'])
  })
})

describe('sidecarArguments', () => {
  const args = sidecarArguments({
    name: 's',
    runId: 'r1',
    image: 'tools',
    target: 'n',
    command: ['/opt/x'],
  })

  it('holds exactly the two capabilities, joins the pid namespace and can write nowhere but /tmp', () => {
    expect(values(args, '--cap-drop')).toEqual(['ALL'])
    expect(values(args, '--cap-add')).toEqual(['SYS_PTRACE', 'DAC_OVERRIDE'])
    expect(values(args, '--pid')).toEqual(['container:n'])
    expect(values(args, '--network')).toEqual(['none'])
    expect(args).toContain('--read-only')
    expect(values(args, '--tmpfs')).toHaveLength(1)
    expect(args.some((arg) => arg.startsWith('-v') || arg.startsWith('--mount'))).toBe(false)
  })
})
