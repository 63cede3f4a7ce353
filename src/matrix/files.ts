import type { Compat } from './compat.js'
import { compatHtml } from './html.js'
import { junitXml } from './junit.js'

/** The report's files by name, all made from the table. */
export function compatFiles(compat: Compat): Record<string, string> {
  return {
    'compat.json': `${JSON.stringify(compat, null, 2)}\n`,
    'compat.html': compatHtml(compat),
    'junit.xml': junitXml(compat),
  }
}
