/** What a child may know: how to find programs, the daemon, proxies, Go's module proxy and certificates. No secrets of the job. */
const PASSED =
  /^(PATH|HOME|USER|LANG|LC_[A-Z]+|TMPDIR|TERM|XDG_RUNTIME_DIR|DOCKER_(HOST|CONFIG|CONTEXT|CERT_PATH|TLS_VERIFY|API_VERSION)|CONTAINERS_[A-Z_]+|CONTAINER_(HOST|CONNECTION)|(https?|no|all)_proxy|(HTTPS?|NO|ALL)_PROXY|SSL_CERT_(FILE|DIR)|GO(PROXY|SUMDB|NOSUMDB|NOSUMCHECK|PRIVATE|NOPROXY|INSECURE))$/

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
