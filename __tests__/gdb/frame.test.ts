import { describe, expect, it } from 'vitest'
import { parseFrame } from '../../src/gdb/frame.js'

describe('parseFrame', () => {
  it.each([
    [
      '#2  0x00007f48f9b5097d in dl_iterate_phdr () from /lib/x86_64-linux-gnu/libc.so.6',
      {
        level: 2,
        pc: '0x7f48f9b5097d',
        function: 'dl_iterate_phdr',
        args: '',
        library: '/lib/x86_64-linux-gnu/libc.so.6',
      },
    ],
    [
      '#7  0x000056260d883442 in profile_signal () at /src/signal-reentrancy.cpp:18',
      {
        level: 7,
        pc: '0x56260d883442',
        function: 'profile_signal',
        file: '/src/signal-reentrancy.cpp',
        line: 18,
      },
    ],
    [
      '#4  0x00007f48f9bff3a8 in ?? () from /lib/libgcc_s.so.1',
      { level: 4, function: null, args: '', library: '/lib/libgcc_s.so.1' },
    ],
    ['#12 0x0000000000000000 in ?? ()', { level: 12, pc: '0x0', function: null, library: null }],
    ['#8  <signal handler called>', { level: 8, signalFrame: true, pc: null, function: null }],
    [
      '#3  ___pthread_mutex_lock (mutex=mutex@entry=0x7ffff7ffd990 <_rtld_global+2352>) at ./nptl/pthread_mutex_lock.c:93',
      {
        level: 3,
        pc: null,
        function: '___pthread_mutex_lock',
        args: 'mutex=mutex@entry=0x7ffff7ffd990 <_rtld_global+2352>',
        line: 93,
      },
    ],
    [
      '#1  0x08048abc in worker (arg=0x0) at w.c:7',
      { level: 1, pc: '0x8048abc', function: 'worker', args: 'arg=0x0', file: 'w.c', line: 7 },
    ],
  ])('reads %s', (line, expected) => {
    expect(parseFrame(line)).toMatchObject(expected)
  })

  it.each([
    ['#1  0x1 in std::thread::join() () from /lib/libstdc++.so.6', 'std::thread::join', ''],
    [
      '#1  0x1 in Widget::operator() (this=0x7f1, n=3) at w.cc:9',
      'Widget::operator()',
      'this=0x7f1, n=3',
    ],
    ['#1  0x1 in Widget::operator()(int) const () from /lib/w.so', 'Widget::operator()', ''],
    [
      "#1  0x1 in operator<< <std::char_traits<char> > (os=..., c=40 '(') at o.h:3",
      'operator<< <std::char_traits<char> >',
      "os=..., c=40 '('",
    ],
    [
      '#1  0x1 in (anonymous namespace)::run (job=...) at r.cc:1',
      '(anonymous namespace)::run',
      'job=...',
    ],
    [
      '#1  0x1 in std::function<void (int)>::operator()(int) const (this=0x7, __args#0=5) at f.h:2',
      'std::function<void (int)>::operator()',
      'this=0x7, __args#0=5',
    ],
    [
      '#1  0x1 in apply<void (*)(int)> (f=0x401136 <call(int)>) at a.cc:4',
      'apply<void (*)(int)>',
      'f=0x401136 <call(int)>',
    ],
    [
      '#1  0x1 in main::{lambda(int)#1}::operator()(int) const (__closure=0x0) at l.cc:3',
      'main::{lambda(int)#1}::operator()',
      '__closure=0x0',
    ],
    [
      '#1  0x1 in print (text=0x4 "a) at b.c:1 (\\" x") at p.c:2',
      'print',
      'text=0x4 "a) at b.c:1 (\\" x"',
    ],
    [
      '#1  0x1 in main.(*server).serve (s=0xc000, ~r0=...) at /go/main.go:12',
      'main.(*server).serve',
      's=0xc000, ~r0=...',
    ],
    [
      '#1  0x1 in runtime.asmcgocall.abi0 () at /usr/local/go/src/runtime/asm_amd64.s:872',
      'runtime.asmcgocall.abi0',
      '',
    ],
    ['#1  0x1 in _int_malloc [clone .part.0] () from /lib/libc.so.6', '_int_malloc', ''],
    ['#1  0x1 in f(int, char const*)', 'f', null],
    ['#1  0x1 in start (argc=1, argv=0x7ff', 'start', 'argc=1, argv=0x7ff'],
  ])('finds name and arguments in %s', (line, name, args) => {
    expect(parseFrame(line)).toMatchObject({ function: name, args })
  })

  it('keeps a path with blanks and parentheses', () => {
    expect(parseFrame('#1  0x1 in f (a=1) at /home/me/src (copy)/a b.c:12')).toMatchObject({
      file: '/home/me/src (copy)/a b.c',
      line: 12,
    })
  })

  it("takes gdb's way to the file away", () => {
    expect(parseFrame('#1  0x1 in f () from target:/lib/x.so')?.library).toBe('/lib/x.so')
    expect(parseFrame('#1  0x1 in f () from /proc/7/root/lib/x.so')?.library).toBe('/lib/x.so')
  })

  it('reads eu-stack', () => {
    expect(
      parseFrame('#0  0x00007f48f9df2e2b __lll_lock_wait - /lib/libpthread-2.31.so'),
    ).toMatchObject({
      pc: '0x7f48f9df2e2b',
      function: '__lll_lock_wait',
      args: null,
      library: '/lib/libpthread-2.31.so',
    })
    expect(parseFrame('#1  0x0000000000401136 - 1 main')).toMatchObject({ function: 'main' })
    expect(parseFrame('#2  0x0000000000401136')).toMatchObject({ pc: '0x401136', function: null })
    expect(parseFrame('#3  0x00007f1 __restore_rt - /lib/libc.so.6')).toMatchObject({
      signalFrame: true,
      function: null,
    })
  })

  it.each(['', 'frame', '# 1 0x1 in f ()', '#1', '#x 0x1'])('gives null for %j', (line) => {
    expect(parseFrame(line)).toBeNull()
  })
})
