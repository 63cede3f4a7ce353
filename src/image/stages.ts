/** What the Dockerfile's stages do, in words for a person who waits. */
export const STAGES: Readonly<Record<string, string>> = {
  lists: 'Reading package lists',
  native: 'Compiling the native tools',
  tools: 'Installing gdb',
  gocommand: 'Fetching the go command',
  go: 'Fetching and verifying Go',
  modules: 'Fetching and verifying the symbolizer',
  compiler: 'Installing gcc',
  library: "Compiling Go's library",
  compile: 'Compiling the program',
  facts: 'Reading what was built',
  reproducer: 'Making the image',
}

/** The stage that a line of BuildKit's or podman's output begins; `#12 [go 1/2] RUN …` → `Fetching and verifying Go`. */
export function describeStage(line: string): string | undefined {
  const name = /^#\d+ \[([a-z]+) +\d+\/\d+\] RUN/.exec(line)?.[1]
  return name === undefined ? undefined : STAGES[name]
}
