/** Debian stable, whose gdb the tools image carries and whose go command fetches modules. */
export const DEBIAN_STABLE = 'debian:trixie'

/**
 * The full name of an image, the same for docker and podman: `debian:bullseye` → `docker.io/library/debian:bullseye`. An image of Docker Hub
 * comes from `registry` where one is given, with `library/` kept, as pull-through mirrors have it.
 */
export function qualifyImage(image: string, registry: string | undefined): string {
  const first = image.split('/')[0] ?? ''
  const hasHost = image.includes('/') && (/[.:]/.test(first) || first === 'localhost')
  if (hasHost && first !== 'docker.io') return image
  const path = hasHost ? image.slice('docker.io/'.length) : image
  return `${registry ?? 'docker.io'}/${path.includes('/') ? path : `library/${path}`}`
}

/**
 * What an image is called in its registry, to the byte: `docker.io/library/debian:sid`, which the engine knows as `debian@sha256:12…`, is
 * `docker.io/library/debian@sha256:12…`. Undefined for one that came from no registry.
 */
export function registryName(name: string, digests: readonly string[]): string | undefined {
  const repository = name.replace(/@.*$/, '').replace(/:[\w.-]+$/, '')
  return digests
    .map((digest) => qualifyImage(digest, undefined))
    .find((digest) => digest.startsWith(`${repository}@`))
}
