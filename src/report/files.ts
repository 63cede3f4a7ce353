import { drawableGraph } from './graph.js'
import { graphSvgFile } from './graph-svg.js'
import { reportHtml } from './html.js'
import { layStrip } from './sweep-strip.js'
import { sweepSvgFile } from './sweep-svg.js'
import { passageName } from '../sweep/words.js'
import type { ReportMaterial } from './types.js'

/** The files that are made from a result, by name; all others can be made again from result.json. */
export function reportFiles(material: ReportMaterial): Record<string, string> {
  const { diagnosis, sweep } = material.result
  const strip = sweep === null ? null : layStrip(sweep)
  const graph = diagnosis === null ? null : drawableGraph(diagnosis.graph)
  return {
    'result.json': `${JSON.stringify(material.result, null, 2)}\n`,
    'report.html': reportHtml(material),
    ...(graph === null ? {} : { 'graph.svg': graphSvgFile(graph) }),
    ...(sweep === null || strip === null
      ? {}
      : { 'sweep.svg': sweepSvgFile(strip, passageName(sweep.function)) }),
  }
}
