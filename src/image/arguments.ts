import type { BuildClient } from '../engine.js'

/** A file that the build may read and that leaves no trace in the image. */
export interface Secret {
  readonly id: string
  readonly file: string
}

export interface BuildPlan {
  readonly client: BuildClient
  readonly target: 'reproducer' | 'program' | 'tools'
  readonly tag: string
  /** Values for the Dockerfile's ARG lines; an undefined one is left at its default */
  readonly buildArguments: Readonly<Record<string, string | undefined>>
  readonly secrets: readonly Secret[]
  /** Folder of the build context */
  readonly context: string
  /** Name under which the client keeps layers between jobs; without one it keeps none */
  readonly layerScope?: string | undefined
}

/** Arguments of the build client for one target. Values travel as list items: no shell reads them. */
export function buildArguments(plan: BuildPlan): string[] {
  const settings = Object.entries(plan.buildArguments).filter(
    (entry): entry is [string, string] => entry[1] !== undefined && entry[1] !== '',
  )
  return [
    ...plan.client.args,
    ...(plan.layerScope === undefined ? [] : cacheArguments(plan.layerScope)),
    ...['--target', plan.target, '--tag', plan.tag],
    ...settings.flatMap(([name, value]) => ['--build-arg', `${name}=${value}`]),
    ...plan.secrets.flatMap(({ id, file }) => ['--secret', `id=${id},src=${file}`]),
    plan.context,
  ]
}

/**
 * Options of buildx that take layers from GitHub's cache and put them there: those of all stages, since what changes from build to build
 * comes last. Address and token of the service are read from the environment (docker/docs: build/cache/backends/gha). An export that fails is
 * no failure of the build; one that can't begin still is (moby/buildkit: control/control.go, Solve).
 */
function cacheArguments(scope: string): string[] {
  const kept = `type=gha,scope=${scope}`
  return ['--cache-from', kept, '--cache-to', `${kept},mode=max,ignore-error=true`]
}

/** What both engines hand to every step without a trace in image, history or cache key (docs.docker.com: predefined ARGs). */
const PROXY_SETTINGS = ['HTTP_PROXY', 'HTTPS_PROXY', 'NO_PROXY'] as const

/** The proxies of an environment as build arguments, in both spellings: apt and Go read the small one, others the large one. */
export function proxyArguments(env: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(
    PROXY_SETTINGS.flatMap((name) => {
      const value = env[name.toLowerCase()] ?? env[name]
      return value === undefined
        ? []
        : [
            [name, value],
            [name.toLowerCase(), value],
          ]
    }),
  )
}
