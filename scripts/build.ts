import { resolve } from 'node:path'
import { bundleAll, ENTRIES } from './bundle.js'

await bundleAll(ENTRIES, resolve(import.meta.dirname, '..', 'dist'))
