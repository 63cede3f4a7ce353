/** What a child may know: how to find programs, the daemon, proxies, Go's module proxy and certificates. No secrets of the job. */
const PASSED =
  /^(PATH|HOME|USER|LANG|LC_[A-Z]+|TMPDIR|TERM|XDG_RUNTIME_DIR|DOCKER_(HOST|CONFIG|CONTEXT|CERT_PATH|TLS_VERIFY|API_VERSION)|BUILDX_(BUILDER|CONFIG)|CONTAINERS_[A-Z_]+|CONTAINER_(HOST|CONNECTION)|(https?|no|all)_proxy|(HTTPS?|NO|ALL)_PROXY|SSL_CERT_(FILE|DIR)|GO(PROXY|SUMDB|NOSUMDB|NOSUMCHECK|PRIVATE|NOPROXY|INSECURE))$/

/**
 * The environment of a child process: only the variables it needs, so that tokens and the runner's command files
 * (GITHUB_ENV, GITHUB_OUTPUT…) stay out of reach of whatever it starts.
 */
export function scrubEnvironment(
  environment: Readonly<Record<string, string | undefined>>,
): Record<string, string> {
  return Object.fromEntries(
    Object.entries(environment).filter(
      (entry): entry is [string, string] => entry[1] !== undefined && PASSED.test(entry[0]),
    ),
  )
}

/** What a client of GitHub's cache has to know: addresses and a token. A secret of the job, for the build client alone. */
export type CacheService = Readonly<Record<string, string>>

const CACHE_SETTINGS = [
  'ACTIONS_RUNTIME_TOKEN',
  'ACTIONS_CACHE_URL',
  'ACTIONS_RESULTS_URL',
  'ACTIONS_CACHE_SERVICE_V2',
]

/**
 * The cache service of a job, as the runner tells it to actions; undefined where there is none. Its second version is at
 * ACTIONS_RESULTS_URL where ACTIONS_CACHE_SERVICE_V2 says so, the first at ACTIONS_CACHE_URL (docker/buildx: build/opt.go, addGithubToken).
 */
export function readCacheService(
  environment: Readonly<Record<string, string | undefined>>,
): CacheService | undefined {
  const settings = Object.fromEntries(
    CACHE_SETTINGS.flatMap((name) => {
      const value = environment[name]
      return value === undefined || value === '' ? [] : [[name, value]]
    }),
  )
  const second = /^(true|1|t)$/i.test(settings['ACTIONS_CACHE_SERVICE_V2'] ?? '')
  const address = settings[second ? 'ACTIONS_RESULTS_URL' : 'ACTIONS_CACHE_URL']
  return settings['ACTIONS_RUNTIME_TOKEN'] === undefined || address === undefined
    ? undefined
    : settings
}
