import { countTests, describeCounts } from './count-tests.js'

const counts = await countTests(process.argv[2] ?? '')
console.log(describeCounts(counts))
if (counts.failed > 0 || counts.passed === 0) process.exitCode = 1
