import { describe, expect, it } from 'vitest'
import { describeFailure } from '../../src/image/failure.js'

/** As Docker 20.10 wrote it; other steps were under way. */
const BUILDKIT = `#10 [gocommand 3/3] RUN sh /image/go.sh command
#10 DONE 1.2s

#15 [modules 4/4] RUN --mount=type=secret,id=ca sh /image/go.sh module
#15 sha256:2bd99dcb
#15 ...

#7 [compiler 3/3] RUN sh /image/apt.sh update
#7 3.111 Reading package lists
#15 [modules 4/4] RUN --mount=type=secret,id=ca sh /image/go.sh module
#15 0.401 github.com/nobody/x@v1: 404 Not Found
#15 0.404 go.sh: cannot download github.com/nobody/x@v1
#15 ERROR: executor failed running [/bin/sh -c sh /image/go.sh module]: exit code: 1
------
 > [modules 4/4] RUN --mount=type=secret,id=ca sh /image/go.sh module:
------
executor failed running [/bin/sh -c sh /image/go.sh module]: exit code: 1
`

/** As podman 4.3 wrote it. */
const PODMAN = `[8/10] STEP 5/5: RUN sh /image/compile.sh cgo
--> 28dceb73451
[9/10] STEP 2/2: RUN sh /image/compile.sh program
# example.org/x
x.c:1: error: no such thing
Error: building at STEP "RUN sh /image/compile.sh program": while running runtime: exit status 2
`

describe('describeFailure', () => {
  it("gives the failed step's own lines out of BuildKit's mixture", () => {
    expect(describeFailure(BUILDKIT)).toEqual({
      stage: 'Fetching and verifying the symbolizer and other modules',
      said:
        'github.com/nobody/x@v1: 404 Not Found\n' + 'go.sh: cannot download github.com/nobody/x@v1',
    })
  })

  it("gives the last step's lines of podman's", () => {
    expect(describeFailure(PODMAN).said).toBe('# example.org/x\nx.c:1: error: no such thing')
  })

  it('gives the end of anything else', () => {
    expect(describeFailure('ERROR: failed to solve: no daemon\n').said).toBe(
      'ERROR: failed to solve: no daemon',
    )
    expect(describeFailure('').said).toBe('')
  })

  it('is short', () => {
    const long = Array.from({ length: 500 }, (_, n) => `#3 1.0 line ${n}`).join('\n')
    const { said } = describeFailure(`#3 [compile 5/5] RUN x\n${long}\n#3 ERROR: exit 1\n`)
    expect(said.split('\n')).toHaveLength(20)
    expect(said).toMatch(/line 499$/)
  })
})
