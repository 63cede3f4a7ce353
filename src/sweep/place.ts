import { basename } from 'node:path'
import type { SweepEvent } from './events.js'
import type { SweepPlace } from './schema.js'

/** The files and places that one process's lines have named. */
export interface Atlas {
  readonly files: Map<number, string>
  readonly places: SweepPlace[]
}

export function makeAtlas(): Atlas {
  return { files: new Map(), places: [] }
}

/** Takes what an event names; others are left alone. */
export function readAtlas(atlas: Atlas, event: SweepEvent): void {
  if (event.event === 'image') atlas.files.set(event.index, event.path)
  if (event.event !== 'places') return
  for (const [file, offset, symbol, from, size] of event.places) {
    // A symbol ends where its size says; beyond it the code is another function's, whose name was stripped.
    const covers = symbol !== null && (size === 0 || from < size)
    atlas.places.push({
      file: atlas.files.get(file) ?? null,
      offset: `0x${offset.toString(16)}`,
      function: covers ? symbol : null,
      functionOffset: covers ? from : null,
    })
  }
}

/** A place by its number. */
export function placeOf(atlas: Atlas, number: number | null): SweepPlace | null {
  return number === null ? null : (atlas.places[number] ?? null)
}

/**
 * A place in words.
 * @example placeText(place) → 'pthread_mutex_lock+241 (libpthread-2.31.so)', 'libgcc_s.so.1+0x1238a'
 */
export function placeText(place: SweepPlace): string {
  const file = place.file === null ? null : basename(place.file)
  if (place.function === null) return file === null ? place.offset : `${file}+${place.offset}`
  const at = `${place.function}+${place.functionOffset ?? 0}`
  return file === null ? at : `${at} (${file})`
}

/** The same instruction in another process: file and offset, whatever the symbols. */
export function placeKey(place: SweepPlace): string {
  return `${place.file ?? ''}+${place.offset}`
}
