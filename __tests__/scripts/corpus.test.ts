import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { corpusText } from '../../scripts/corpus.js'
import { ROOT } from '../helpers/runner.js'

it('docs/corpus.generated.md is what the corpus gives now: npm run generate', () => {
  const text = readFileSync(join(ROOT, 'docs/corpus.generated.md'), 'utf8')
  expect(text).toBe(corpusText(ROOT))
  expect(text).toMatch(/^\| lock-cycle +\| lock-cycle +\| proven \/ proven/m)
})
