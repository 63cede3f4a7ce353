/** Where the guard lies in a target, which has no folder of ours. */
export const GUARD_PATH = '/.cgo-deadlock-guard.so'

const PRELOAD = 'LD_PRELOAD='
const OPTION = `--env=${PRELOAD}`

/**
 * The run options that load the guard before everything else. What the image or the user preloads stays, behind it.
 * @param env what the image sets, `NAME=VALUE` each
 */
export function preloadGuard(
  runOptions: readonly string[],
  env: readonly string[] = [],
): readonly string[] {
  const given = runOptions.findLast((option) => option.startsWith(OPTION))
  const set = env.find((each) => each.startsWith(PRELOAD))
  const others = given?.slice(OPTION.length) ?? set?.slice(PRELOAD.length) ?? ''
  const all = [GUARD_PATH, ...others.split(/[\s:]+/)].filter((path) => path !== '')
  return [...runOptions.filter((option) => !option.startsWith(OPTION)), `${OPTION}${all.join(':')}`]
}
