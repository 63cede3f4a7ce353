/**
 * Lines to copy for each workaround. The guard is compiled where the program is, by the same base's compiler: made on a newer
 * base it would ask for that one's C library.
 */
export const GUARD_LINES = [
  '# in the stage that compiles the program, which has a C compiler',
  'ADD https://raw.githubusercontent.com/OWNER/cgo-deadlock-action/v1/native/guard/guard.c /tmp/guard.c',
  'RUN cc -O2 -shared -fPIC -o /tmp/guard.so /tmp/guard.c -ldl',
  '# in the stage that runs it',
  'COPY --from=build /tmp/guard.so /usr/local/lib/guard.so',
  'ENV LD_PRELOAD=/usr/local/lib/guard.so',
].join('\n')

/** A symbolizer whose handler does not enter libgcc. */
export const SAFE_SYMBOLIZER_LINES = [
  'go get github.com/nsrip-dd/cgotraceback@4171d15',
  'import _ "github.com/nsrip-dd/cgotraceback"',
].join('\n')

/** The system's own unwinder in place of one that is linked in. */
export const SHARED_LINES = 'ENV CGO_LDFLAGS="-shared-libgcc -lstdc++"'
