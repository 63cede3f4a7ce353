import { expect, it } from 'vitest'
import { diagnose } from '../../../src/diagnosis/diagnose.js'
import { makeLock, makeProcess, makeThread } from '../../helpers/process.js'

const WRITES = (caller: string): string => `
#0  futex_wait () at futex-internal.h:146
#1  ___pthread_rwlock_wrlock (rwlock=0x404060 <cache>) at pthread_rwlock_wrlock.c:26
#2  ${caller} () at rw.c:9`
const cache = makeLock({
  address: '0x404060',
  symbol: 'cache',
  kind: 'rwlock',
  role: null,
  owner: 0,
})
const readers = [
  makeThread({ number: 1, stack: WRITES('upgrade') }),
  makeThread({ number: 2, stack: WRITES('write_too') }),
]

it('two readers that both want to write, and nobody else: strong, holder unknown', () => {
  const found = diagnose(makeProcess({ threads: readers, locks: [cache] }))
  expect(found).toMatchObject({ class: 'lock-cycle', failure: 'deadlock', confidence: 'strong' })
  expect(found.headline).toBe(
    'No thread can ever go on: threads 1 and 2 wait for the read-write lock cache, nobody is left to give it back, and both threads are asleep.',
  )
})

it.each([
  ['runs', '#0  compute () at a.c:1'],
  ['sleeps a while', '#0  __GI___clock_nanosleep (clock_id=0) at clock_nanosleep.c:48'],
  ['waits for input', '#0  __GI___libc_read (fd=0) at read.c:26'],
  ['is the Go scheduler', '#0  runtime.futex () at sys_linux_amd64.s:588'],
])('is not said while another thread %s', (_, stack) => {
  const threads = [...readers, makeThread({ number: 3, stack })]
  expect(diagnose(makeProcess({ threads, locks: [cache] })).class).toBe('lock-wait')
})

it('is a deadlock of unknown kind where the lock could not be read: its holder may have ended', () => {
  const found = diagnose(makeProcess({ threads: readers }))
  expect(found).toMatchObject({ class: 'lock-wait', failure: 'deadlock', confidence: 'strong' })
})
