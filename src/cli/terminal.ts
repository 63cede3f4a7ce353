const WIDTH_MAX = 110

/** How to write on standard output: colours on a terminal only, and not where NO_COLOR forbids them (no-color.org). */
export function terminalStyle(): { readonly colour: boolean; readonly width: number } {
  return {
    colour: process.stdout.isTTY && process.env['NO_COLOR'] === undefined,
    width: Math.min(process.stdout.columns || 100, WIDTH_MAX),
  }
}
