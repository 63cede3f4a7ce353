/** What set-up needs to know of this machine. `readHost` reads it, `planSetup` decides on it alone. */
export interface HostFacts {
  /** Name of the system, e.g. `Debian GNU/Linux 12 (bookworm)` */
  readonly system: string
  /** Debian, Ubuntu or made from them, with apt-get */
  readonly apt: boolean
  readonly root: boolean
  /** DOCKER_HOST, unless it names the default socket */
  readonly dockerHost: string | undefined
  /** `docker` is on the PATH */
  readonly client: boolean
  /** `dockerd` is on the PATH */
  readonly daemon: boolean
  /** The engine that answers, and whether something here can build with it; null when none answers */
  readonly engine: { readonly name: 'docker' | 'podman'; readonly builds: boolean } | null
  /** Why no engine answers, in words; empty when one does */
  readonly engineSays: string
  /** `mmdebstrap` is on the PATH */
  readonly mmdebstrap: boolean
  /** Debian base images that are neither here nor can be pulled; looked at only when an engine answers and mmdebstrap is missing */
  readonly missingBases: readonly string[]
}

/** One package to install: the first of these names that apt offers. An optional one is left out when it offers none. */
export interface Wanted {
  readonly anyOf: readonly [string, ...string[]]
  readonly optional?: true
}

/** One thing to do on this machine. */
export type Step =
  | {
      readonly kind: 'install'
      /** What it is for, in words that fit after `Missing: ` */
      readonly purpose: string
      readonly packages: readonly [Wanted, ...Wanted[]]
    }
  | { readonly kind: 'start-daemon' }
