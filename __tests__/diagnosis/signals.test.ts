import { describe, expect, it } from 'vitest'
import { signalByName, signalByNumber, signalOfHandler } from '../../src/diagnosis/signals.js'
import { handlersOn } from '../../src/diagnosis/stack.js'
import type { FrameSignal } from '../../src/gdb/types.js'
import { makeThread } from '../helpers/process.js'

function nameOf(stack: string, signal?: FrameSignal): string {
  const { frames, ...thread } = makeThread({ number: 1, stack })
  const marked = frames.map((frame) =>
    frame.signalFrame && signal !== undefined ? { ...frame, signal } : frame,
  )
  const [handler] = handlersOn({ ...thread, frames: marked })
  return handler === undefined ? 'no handler' : signalOfHandler(handler).name
}

const under = (...frames: string[]): string =>
  [...frames, '<signal handler called>', 'main () at a.c:1'].join('\n')

describe('signalOfHandler', () => {
  it.each([
    ['the argument of a handler', under('on_prof (sig=27) at a.c:3')],
    ['its value at entry', under('on_prof (number=0, signum=signum@entry=27) at a.c:3')],
    ['a hexadecimal one', under('on_prof (signo=0x1b) at a.c:3')],
    ["cgo's traceback", under('x_cgo_callers (sig=27, info=0xc00005b5b0) at gcc_traceback.c:22')],
    ["Go's profiler", under('runtime.sigprof ()', 'runtime.sigtramp ()')],
    ['a name that spells it', under('handle_sigprof ()')],
    ['the handler, not the signal that it raises', under('raise (sig=6)', 'on_prof (sig=27)')],
  ])('reads %s', (_, stack) => {
    expect(nameOf(stack)).toBe('SIGPROF')
  })

  it('believes the siginfo on the stack over names', () => {
    const stack = under('handle_sigprof ()')
    expect(nameOf(stack, { number: 23, name: 'SIGURG', code: -6 })).toBe('SIGURG')
  })

  it('does not believe what lies there when the handler asked for no siginfo', () => {
    const rubbish = { number: 1, name: 'SIGHUP', code: 495047040 }
    expect(nameOf(under('report ()'), rubbish)).toBe('unknown signal')
  })

  it.each([
    ['a word that only begins like one', under('on_signal ()')],
    ['a number that no signal has', under('on_prof (sig=99)')],
    ['a signal that the handler raises', under('raise (sig=6)', 'abort ()', 'on_fatal ()')],
    ['nothing', under('?? ()')],
  ])('says unknown signal for %s', (_, stack) => {
    expect(nameOf(stack)).toBe('unknown signal')
  })
})

it('other tools print the name of the frame that returns from a handler', () => {
  const stack = 'on_prof (sig=27)\n__restore_rt () from /lib/libc.so.6\nmain ()'
  expect(nameOf(stack)).toBe('SIGPROF')
})

describe('the table', () => {
  it('is that of Linux on x86-64 and arm64', () => {
    expect(signalByNumber(23)).toEqual({ number: 23, name: 'SIGURG' })
    expect(signalByNumber(17)?.name).toBe('SIGCHLD')
    expect(signalByNumber(31)?.name).toBe('SIGSYS')
    expect(signalByNumber(34)?.name).toBe('SIG34')
    expect([0, 65, -1, 2.5].map(signalByNumber)).toEqual([null, null, null, null])
    expect(signalByName('prof')).toEqual({ number: 27, name: 'SIGPROF' })
    expect(signalByName('SIGNAL')).toBeNull()
  })
})
