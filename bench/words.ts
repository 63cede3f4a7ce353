/** Milliseconds as seconds: 1638 → `1.64 s`; `never` for Infinity. */
export function seconds(milliseconds: number): string {
  if (!Number.isFinite(milliseconds)) return 'never'
  return `${(milliseconds / 1000).toFixed(milliseconds < 10_000 ? 2 : 1)} s`
}

/** A ratio: 0.4567 → `0.46`; `digits` more where the interesting part is close to 1. */
export function ratio(value: number, digits = 2): string {
  return Number.isFinite(value) ? value.toFixed(digits) : '–'
}

/** A share: 0.0123 → `1.2 %`. */
export function percent(share: number): string {
  return `${(share * 100).toFixed(1)} %`
}

/** Every single value, in the order of the runs. */
export function each(values: readonly number[], word: (value: number) => string): string {
  return values.map(word).join(', ')
}
