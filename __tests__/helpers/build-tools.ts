import { BUILD_TOOLS, installTools } from './tools.js'

/** Before the unit tests: compilers and gdb, for the tests of `native/`. */
export async function setup(): Promise<void> {
  await installTools(BUILD_TOOLS)
}
