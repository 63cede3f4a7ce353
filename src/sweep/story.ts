import type { Diagnosis } from '../diagnosis/schema.js'
import { placeText } from './place.js'
import type { Sweep, SweepFailure } from './schema.js'
import { count, passageName } from './words.js'

/** As many sentences as a story has (src/diagnosis/schema.ts). */
const MAX_SENTENCES = 6

/** What gdb found in the process that a sweep left hanging, with the sweep's own sentence first: which instruction it was. */
export function tellSweep(sweep: Sweep, diagnosis: Diagnosis | null): Diagnosis | null {
  const [failure] = sweep.failures
  if (diagnosis === null || failure === undefined) return diagnosis
  const story = [sentence(sweep, failure), ...diagnosis.story].slice(0, MAX_SENTENCES)
  return { ...diagnosis, class: classOf(sweep, failure, diagnosis), story }
}

/** gdb sees a crash; that the same handler had come back from other instructions shows what the signal interrupted to be the cause. */
function classOf(sweep: Sweep, failure: SweepFailure, diagnosis: Diagnosis): Diagnosis['class'] {
  const died = failure.kind === 'crash' || failure.kind === 'terminated'
  const others = sweep.tried.some(
    ({ signal, returned }) => signal.number === failure.signal.number && returned > 0,
  )
  return died && others && diagnosis.class === 'crash' ? 'signal-reentrancy' : diagnosis.class
}

function sentence(sweep: Sweep, failure: SweepFailure): Diagnosis['story'][number] {
  const { signal, step, at, waiting } = failure
  const where = at === null ? '' : ` (${placeText(at)})`
  return {
    text: `${signal.name} was put at one instruction after the other of ${passageName(sweep.function)}; at step ${count(step)}${where} ${ENDED[failure.kind](failure)}.`,
    rests: [
      ...(waiting === null ? [] : [`the thread is now at ${placeText(waiting)}`]),
      ...failure.evidence,
    ].join('; '),
  }
}

const ENDED: Readonly<Record<SweepFailure['kind'], (failure: SweepFailure) => string>> = {
  deadlock: ({ phase }) =>
    phase === 'handler'
      ? 'its handler did not come back'
      : 'the handler came back, but the throw did not go on',
  livelock: ({ phase }) =>
    phase === 'handler'
      ? 'its handler ran on without an end'
      : 'the handler came back, but the throw ran on without an end',
  crash: () => 'the program was about to die',
  terminated: () => 'the exception lost its way and std::terminate was called',
}
