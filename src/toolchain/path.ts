/** A path as opposed to a name: it is or begins with `.`, `..` or `/`, as paths in a go.mod do (go.dev/ref/mod#go-mod-file-replace). */
export function isPath(text: string): boolean {
  return text.startsWith('/') || /^\.{1,2}(\/|$)/.test(text)
}
