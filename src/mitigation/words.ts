import type { Mitigation } from './schema.js'

/** In a few words, for a table of facts. */
export function mitigationText({ state }: Pick<Mitigation, 'state'>): string {
  return {
    'in-force': 'in force',
    idle: 'loaded, but of no use to this unwinder',
    absent: 'not in force',
  }[state]
}

/** What a reader must know beside the verdict. */
export function mitigationWarnings(mitigation: Mitigation | null): string[] {
  if (mitigation === null || mitigation.state === 'in-force') return []
  return [`The guard was ${mitigationText(mitigation)}: ${mitigation.evidence.join(' ')}`]
}
