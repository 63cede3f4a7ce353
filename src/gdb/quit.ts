import { SETTINGS } from './command.js'

/**
 * The arguments of `gdb` to let a process go on with SIGQUIT for one thread, and to wait for its end. A Go program prints
 * its goroutines on that and exits (os/signal, "Default behavior of signals in Go programs"). ptrace delivers the signal,
 * which needs no right to send one. No library of the target is read: nothing of it is looked at.
 */
export function quitArguments(pid: number, tid: number): string[] {
  const settings = [
    'set debuginfod enabled off',
    ...SETTINGS,
    'set auto-solib-add off',
    'set sysroot /nonexistent',
  ]
  const select = `python [thread.switch() for thread in gdb.selected_inferior().threads() if thread.ptid[1] == ${tid}]`
  const commands = [`attach ${pid}`, 'handle all nostop noprint pass', select, 'signal SIGQUIT']
  return [
    '--batch',
    '-nx',
    ...settings.flatMap((setting) => ['-iex', setting]),
    ...commands.flatMap((command) => ['-ex', command]),
  ]
}
