/** What the Dockerfile's stages do, in words for a person who waits. */
export const STAGES: Readonly<Record<string, string>> = {
  lists: 'Reading package lists',
  native: 'Compiling the native tools',
  tools: 'Installing gdb',
  gocommand: 'Fetching the go command',
  go: 'Fetching and verifying Go',
  modules: 'Fetching and verifying the symbolizer and other modules',
  compiler: 'Installing gcc',
  library: "Compiling Go's library",
  compile: 'Compiling the program',
  facts: 'Reading what was built',
  runtime: 'Installing what the program needs to run',
  programfacts: 'Reading what was built',
  reproducer: 'Making the image',
  program: 'Making the image',
}

/**
 * The stage that a line of a build's output begins: BuildKit's `#12 [go 1/2] RUN …` or podman's `[5/10] STEP 1/4: FROM … AS go`
 * → `Fetching and verifying Go`.
 */
export function describeStage(line: string): string | undefined {
  const name =
    /^#\d+ \[([a-z]+) +\d+\/\d+\] RUN/.exec(line)?.[1] ??
    /^\[\d+\/\d+\] STEP 1\/\d+: FROM \S+ AS ([a-z]+)/.exec(line)?.[1]
  return name === undefined ? undefined : STAGES[name]
}
