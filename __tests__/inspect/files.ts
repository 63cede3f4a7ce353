import { execFile } from 'node:child_process'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { gunzipSync } from 'node:zlib'
import type { LoaderOptions } from '../../src/inspect/loader.js'
import { inspectProgram } from '../../src/inspect/program.js'
import { folderRoot } from '../../src/inspect/roots.js'
import type { Inspection } from '../../src/inspect/schema.js'

const run = promisify(execFile)
const FIXTURES = join(import.meta.dirname, '../fixtures/elf')

/** Unpacks a fixture, such as `libgcc-11`, to a path. */
export async function unpack(name: string, path: string): Promise<string> {
  await mkdir(dirname(path), { recursive: true })
  await writeFile(path, gunzipSync(await readFile(join(FIXTURES, `${name}.elf.gz`))), {
    mode: 0o755,
  })
  return path
}

/** Compiles a C source given as text. */
export async function compileText(
  source: string,
  out: string,
  flags: readonly string[] = [],
): Promise<string> {
  await mkdir(dirname(out), { recursive: true })
  const file = `${out}.c`
  await writeFile(file, source)
  await run('gcc', ['-O1', '-o', out, file, ...flags])
  return out
}

/** A Go module of one package main, built. Each file's text by its name. */
export async function buildGo(
  folder: string,
  files: Readonly<Record<string, string>>,
  options: { readonly env?: Record<string, string>; readonly flags?: readonly string[] } = {},
): Promise<string> {
  await mkdir(folder, { recursive: true })
  const sources = { 'go.mod': 'module example.org/program\n\ngo 1.18\n', ...files }
  for (const [name, text] of Object.entries(sources)) {
    await mkdir(dirname(join(folder, name)), { recursive: true })
    await writeFile(join(folder, name), text)
  }
  const out = join(folder, 'program')
  const env = { ...process.env, GOFLAGS: '-mod=mod', GOPROXY: 'off', GOWORK: 'off', ...options.env }
  await run('go', ['build', ...(options.flags ?? []), '-o', out, '.'], { cwd: folder, env })
  return out
}

/** Looks into a program of this machine; its libraries are this machine's unless said otherwise. */
export function inspectHere(
  file: string,
  options: Partial<LoaderOptions> = {},
): Promise<Inspection> {
  return inspectProgram(
    { path: file, file },
    { root: folderRoot('/'), complete: true, libraryPath: [], ...options },
  )
}

/** A cgo program that throws C++ exceptions and has a symbolizer, as users have it in one module. */
export const GO_WITH_SYMBOLIZER: Readonly<Record<string, string>> = {
  'main.go': `package main

/*
#include <stdint.h>
#cgo LDFLAGS: -lstdc++
void throw_and_catch(void);
void traceback(void *arg);
*/
import "C"

import (
	"runtime"
	"runtime/pprof"
	"os"
	"unsafe"
)

func main() {
	runtime.SetCgoTraceback(0, unsafe.Pointer(C.traceback), nil, nil)
	pprof.StartCPUProfile(os.Stderr)
	C.throw_and_catch()
}
`,
  'throw.cc': `extern "C" void throw_and_catch() {
  try { throw 1; } catch (int) {}
}
`,
  'traceback.c': `#include <unwind.h>
static _Unwind_Reason_Code step(struct _Unwind_Context *context, void *arg) {
  (void)context, (void)arg;
  return _URC_NO_REASON;
}
void traceback(void *arg) { _Unwind_Backtrace(step, arg); }
`,
}
