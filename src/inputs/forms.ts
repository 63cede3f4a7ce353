import type { Form } from './parsers.js'

// What each input that is a text may look like.

/** YAML reads an unquoted 1.20 as the number 1.2, so a version with one digit after the dot is most likely that. */
function quoteHint(value: string): string | undefined {
  if (!/^[12]\.\d$/.test(value)) return undefined
  return `Unquoted, YAML reads ${value}0 as ${value}: write '${value}0' with quotes.`
}

export const GO: Form = {
  pattern: /^(stable|oldstable|1\.\d{2}(\.(\d{1,2}|x))?)$/,
  allowed: 'stable, oldstable, or a release from 1.11 on such as 1.26, 1.17.13 or 1.17.x',
  hint: quoteHint,
}
export const GLIBC: Form = {
  pattern: /^2\.\d{2}$/,
  allowed: 'a version such as 2.31 or 2.41',
  hint: quoteHint,
}
export const GCC: Form = {
  pattern: /^(default|\d{1,2})$/,
  allowed: 'default, or a major such as 10',
}
export const IMAGE: Form = {
  pattern: /^[a-zA-Z0-9][\w./:@-]{0,999}$/,
  allowed: 'an image reference such as debian:bookworm or ghcr.io/owner/name@sha256:…',
}
export const SYMBOLIZER: Form = {
  pattern:
    /^([a-z][a-z0-9-]*(@[\w.+-]+)?|[a-z0-9-]+(\.[a-z0-9-]+)+(\/[\w.~-]+)*@[\w.+-]+|\.{0,2}\/.*|\.{1,2})$/,
  allowed:
    'none, ianlancetaylor, benesch, milvus-io or nsrip-dd (each with @version if wanted), ' +
    'module@version, or a path that begins with / or ./',
}
/** A path, or what git-rev-parse(1) takes for a commit; what begins with a dash would be an option. */
export const COMPARE_TO: Form = {
  // eslint-disable-next-line no-control-regex -- they have no place in a path or a revision
  pattern: /^(\.{0,2}\/[^\u0000-\u001f\u007f]*|\.{1,2}|[\w][\w./@{}^~+-]{0,249})$/,
  allowed:
    'a folder, as a path that begins with ./, ../ or /, or a revision of the repository that symbolizer is in, such as origin/main, v1.2.0 or HEAD^1',
}
export const PROGRAM: Form = {
  // eslint-disable-next-line no-control-regex -- they have no place in a path that somebody means
  pattern: /^(\.{1,2}|\.{0,2}\/[^\u0000-\u001f\u007f]*)$/,
  allowed: 'the folder of a Go main package, as a path that begins with ./, ../ or /',
  hint: (value) => (/^\w[\w./-]*$/.test(value) ? `Write ./${value} for a folder.` : undefined),
}
/** apt-get takes `name-` as an order to remove (apt-get(8)), and what begins with a dot or a slash as a file. */
export const PACKAGE: Form = {
  pattern: /^[a-z0-9][a-z0-9.+-]*[a-z0-9.+](=[\w.+:~-]+)?$/,
  allowed: 'names of Debian packages, with =version if wanted, such as libsqlite3-dev',
}
export const ARTIFACT: Form = {
  pattern: /^[^":<>|*?\r\n\\/]{1,200}$/,
  allowed: 'up to 200 characters without " : < > | * ? \\ / and line ends',
}
export const MIRROR: Form = {
  pattern: /^https?:\/\/[\w.:[\]-]+(\/[\w.~/-]*)?$/,
  allowed: 'an http or https address such as http://deb.debian.org',
}
export const REGISTRY: Form = {
  pattern: /^[a-zA-Z0-9][\w.-]*(:\d{1,5})?(\/[\w.-]+)*$/,
  allowed: 'a host with port and path as needed, without https://, such as mirror.example:5000/hub',
}

/** A function as `sweep-function` takes it */
export const FUNCTION: Form = {
  pattern: /^[A-Za-z_$~][\w$.@~:<>(),*&+ -]{0,999}$/,
  allowed:
    'a symbol as the program has it, such as __cxa_throw or malloc, or FILE+0xOFFSET, such as libstdc++.so.6.0.28+0xa5c20',
}
