import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { STAGES, describeStage } from '../../src/image/stages.js'

describe('describeStage', () => {
  it.each([
    ['#11 [go 1/2] RUN --mount=type=bind sh /image/go.sh', 'Fetching and verifying Go'],
    ['[3/11] STEP 2/4: RUN sh /image/apt.sh install gdb', undefined],
    ['[5/11] STEP 1/4: FROM 1a856854 AS go', 'Fetching and verifying Go'],
    ['#11 DONE 13.9s', undefined],
    ['#5 [reproducer 1/2] FROM docker.io/library/debian:bullseye', undefined],
  ])('%s → %s', (line, words) => {
    expect(describeStage(line)).toBe(words)
  })

  it('has words for each stage of the Dockerfile', async () => {
    const dockerfile = await readFile(join(import.meta.dirname, '../../Dockerfile'), 'utf8')
    const names = [...dockerfile.matchAll(/^FROM \S+ AS (\w+)$/gm)].map((match) => match[1])
    expect(Object.keys(STAGES).sort()).toEqual(names.sort())
  })
})
