import { between } from '../bisect/between.js'
import type { Axis, Point, Question } from '../bisect/record.js'
import { nameCommit } from '../bisect/words.js'
import { ConfigurationError } from '../errors.js'
import type { Inputs } from '../inputs/inputs.js'
import { shortCommit } from '../symbolizer-source/commit.js'
import { listRevisions } from '../symbolizer-source/history.js'
import { findRevision } from '../symbolizer-source/revision.js'
import { orderReleases, resolveGo } from '../toolchain/go-release.js'
import { gccOrder, glibcOrder } from '../toolchain/order.js'
import { listGoReleases } from '../toolchain/resolve.js'
import type { CellDeps } from './deps.js'

/** The two ends of a bisection, as the user called them. */
export interface Ends {
  readonly good: string
  readonly bad: string
  /** Absolute; where the symbolizer's commits are */
  readonly repository: string
}

type Order = Pick<Question, 'points' | 'seeks'>

/**
 * The points between two ends of an axis, in its order.
 * @throws ConfigurationError when an end is not on the axis, or there is no order between the two
 */
export async function listPoints(
  axis: Axis,
  ends: Ends,
  inputs: Inputs,
  deps: CellDeps,
): Promise<Order> {
  switch (axis) {
    case 'symbolizer':
      return commits(ends, deps)
    case 'go':
      return goReleases(ends, deps)
    case 'gcc':
      return gccs(ends, inputs)
    case 'glibc':
      return glibcs(ends, inputs)
  }
}

async function commits({ good, bad, repository }: Ends, deps: CellDeps): Promise<Order> {
  const revisions = await listRevisions(repository, [good, bad], deps)
  const oldest = revisions[0]?.commit
  const points = revisions.map((revision) => ({
    id: shortCommit(revision.commit),
    name: nameCommit(revision),
    inputs: {},
    revision,
  }))
  const startsGood = (await findRevision(repository, good, deps)).commit === oldest
  return { points, seeks: startsGood ? 'bad' : 'good' }
}

async function goReleases({ good, bad }: Ends, deps: CellDeps): Promise<Order> {
  const listed = await listGoReleases(deps)
  const ends = { good: goOf('good', good, listed), bad: goOf('bad', bad, listed) }
  const { names, seeks } = between(orderReleases([...listed, ends.good, ends.bad]), ends)
  return { points: names.map((go) => version(go, `Go ${go}`, { 'go-version': go })), seeks }
}

/** The release that an end of the axis means; a wrong one is named as the flag that it was given by. */
function goOf(flag: 'good' | 'bad', asked: string, listed: readonly string[]): string {
  try {
    return resolveGo(asked, listed).version
  } catch (error) {
    if (!(error instanceof ConfigurationError)) throw error
    const said = error.message.replace(/^go-version: /, '')
    throw new ConfigurationError(`--${flag}: ${said}`, { cause: error })
  }
}

function gccs(ends: Ends, { glibcVersion, baseImage }: Inputs): Order {
  const { image, majors } = gccOrder({ glibc: glibcVersion, baseImage }, [ends.good, ends.bad])
  const { names, seeks } = between(majors, ends)
  const points = names.map((gcc) =>
    version(gcc, `gcc ${gcc}`, { 'gcc-version': gcc, 'base-image': image }),
  )
  return { points, seeks }
}

function glibcs(ends: Ends, { gccVersion }: Inputs): Order {
  const bases = glibcOrder(gccVersion)
  const { names, seeks } = between(
    bases.map(({ glibc }) => glibc),
    ends,
  )
  const points = bases
    .filter(({ glibc }) => names.includes(glibc))
    .map(({ glibc, image }) =>
      version(glibc, `glibc ${glibc} (${image})`, { 'glibc-version': glibc }),
    )
  return { points, seeks }
}

function version(id: string, name: string, inputs: Point['inputs']): Point {
  return { id, name, inputs, revision: null }
}
