import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

const HANDLER = 'void framepointer_traceback(void *argument) {'
const COUNT = `#include <unwind.h>
static _Unwind_Reason_Code count(struct _Unwind_Context *context, void *frames) {
  (void)context;
  ++*(int *)frames;
  return _URC_NO_REASON;
}
`
/** Enters libgcc's unwinder, as the symbolizers of the original do. */
const UNWIND = '  { int frames = 0; _Unwind_Backtrace(count, &frames); }\n'

/** What the traceback function of the safe symbolizer is made to do first. */
export const CHANGES = {
  unwinds: COUNT + HANDLER + '\n' + UNWIND,
  'unwinds twice': COUNT + HANDLER + '\n' + UNWIND + UNWIND,
  'looks at nothing in a handler': `${HANDLER}
  if (((struct traceback_argument *)argument)->signal_context != 0) {
    ((struct traceback_argument *)argument)->pcs[0] = 0;
    return;
  }
`,
  'does not compile': `${HANDLER} broken\n`,
} as const

/** Changes a copy of the symbolizer that comes with the tool. */
export async function changeSymbolizer(
  folder: string,
  change: keyof typeof CHANGES,
): Promise<void> {
  const file = join(folder, 'traceback.c')
  const text = await readFile(file, 'utf8')
  await writeFile(file, text.replace(HANDLER, CHANGES[change]))
}
