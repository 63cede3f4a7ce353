import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { bundleAll, ENTRIES } from './bundle.js'
import { compareFolders } from './compare-folders.js'

const fresh = await mkdtemp(join(tmpdir(), 'check-dist-'))
try {
  await bundleAll(ENTRIES, fresh)
  const differences = await compareFolders(fresh, resolve(import.meta.dirname, '..', 'dist'))
  if (differences.length > 0) {
    console.error(`dist/ is not what the sources build. Run \`npm run build\` and commit dist/:`)
    for (const difference of differences) console.error(`  ${difference}`)
    process.exitCode = 1
  } else {
    console.log(
      `dist/ is what the sources build: ${ENTRIES.map((entry) => entry.folder).join(', ')}.`,
    )
  }
} finally {
  await rm(fresh, { recursive: true, force: true })
}
