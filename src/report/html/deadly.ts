import { placeText } from '../../sweep/place.js'
import type { Sweep, SweepPlace } from '../../sweep/schema.js'
import { rangeOfPlaces, stepsText } from '../sweep-words.js'
import { visibleLine } from '../visible.js'
import { html, type Markup } from './markup.js'
import { code } from './text.js'

/** Deadly instructions side by side, as the sweep knows them. */
interface DeadlyPlace {
  readonly from: number
  readonly to: number
  readonly first: SweepPlace | null
  readonly last: SweepPlace | null
  readonly stack: readonly SweepPlace[]
  readonly waiting: SweepPlace | null
  readonly evidence: readonly string[]
}

/**
 * Each deadly place, to be opened, by hand or by its mark on the strip: the stack when the signal came, where the thread is
 * since, and the lock word that it waits for. With a map these are its windows, else the failures that ended the sweep.
 */
export function deadlyParts({ map, failures }: Sweep): Markup[] {
  const places: readonly DeadlyPlace[] =
    map !== null && map.windows.length > 0
      ? map.windows
      : failures.map((failure) => ({
          ...failure,
          from: failure.step,
          to: failure.step,
          first: failure.at,
          last: failure.at,
        }))
  return places.map(deadlyPart)
}

function deadlyPart({ from, to, first, last, stack, waiting, evidence }: DeadlyPlace): Markup {
  const where = first === null ? null : html`: ${code(rangeOfPlaces(first, last ?? first))}`
  const frames: (readonly [place: SweepPlace, what: string])[] = [
    ...(waiting === null ? [] : [[waiting, ', where the thread is since'] as const]),
    ...(first === null ? [] : [[first, ', where the signal came'] as const]),
    ...stack.map((place) => [place, ''] as const),
  ]
  return html`<details data-from="${from}">
    <summary><span class="hazard">${stepsText(from, to)}${where}</span></summary>
    <div class="access">
      <ol start="0">
        ${frames.map(([place, what], at) => [
          html`<li>${code(placeText(place))}${what}</li>`,
          at === 0 && waiting !== null ? html`<li>the signal’s handler</li>` : null,
        ])}
      </ol>
      ${evidence.map((line) => html`<p class="rests">${visibleLine(line)}</p>`)}
    </div>
  </details>`
}
