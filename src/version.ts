import manifest from '../package.json' with { type: 'json' }

/** This tool's version, as in package.json. */
export const version: string = manifest.version
