/** Names under which the main step leaves notes for the post step (core.saveState). */
export const STATE = {
  runId: 'run-id',
  engine: 'engine',
} as const
