/** Characters of a commit's hash that are shown; git itself shows seven and more, as many as a repository needs. */
const SHORT = 12

/** The first characters of a commit's hash, which name it well enough. */
export function shortCommit(commit: string): string {
  return commit.slice(0, SHORT)
}
