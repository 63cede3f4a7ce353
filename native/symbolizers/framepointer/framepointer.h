// The two functions for Go's runtime.SetCgoTraceback; its documentation gives the arguments.
#ifndef CGO_DEADLOCK_FRAMEPOINTER_H
#define CGO_DEADLOCK_FRAMEPOINTER_H

#include <elf.h>
#include <link.h>
#include <stddef.h>
#include <stdint.h>

struct traceback_argument {
  uintptr_t context;
  uintptr_t signal_context; // a ucontext_t *, or 0 outside a signal handler
  uintptr_t *pcs;
  uintptr_t max;
};

struct symbolizer_argument {
  uintptr_t pc;
  const char *file;
  uintptr_t line;
  const char *function;
  uintptr_t entry;
  uintptr_t more;
  uintptr_t data;
};

void framepointer_traceback(void *argument);
void framepointer_symbolize(void *argument);

// One loaded file: where its code is, and its table of symbols, if it has one.
struct object {
  uintptr_t base; // what to add to an address in the file
  uintptr_t code_start, code_end;
  const char *path;
  const ElfW(Sym) *symbols;
  size_t symbol_count;
  const char *names;
};

// Notes all objects loaded by now. The only place that takes the loader's lock: to be called once,
// at start, never from a handler. What is loaded later stays unknown; a walk ends there.
void framepointer_find_objects(void);

// The object whose code holds the pc, or null. Reads a table that no longer changes: safe anywhere.
const struct object *framepointer_object_of(uintptr_t pc);

#endif
