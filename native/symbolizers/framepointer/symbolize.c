#include "framepointer.h"

// Names a pc. Not by dladdr: the runtime symbolizes inside its handler too, when a fatal signal or
// SIGQUIT makes it print all stacks (src/runtime/signal_unix.go sighandler, traceback.go
// printCgoTraceback), and dladdr takes the loader's lock.
void framepointer_symbolize(void *argument) {
  struct symbolizer_argument *arg = argument;
  arg->more = 0;
  if (arg->pc == 0) return; // the runtime says that the traceback is done; nothing to free
  const struct object *object = framepointer_object_of(arg->pc);
  if (object == NULL) return;
  arg->file = object->path;
  uintptr_t address = arg->pc - object->base;
  for (size_t i = 0; i < object->symbol_count; i++) {
    const ElfW(Sym) *symbol = &object->symbols[i];
    // The type is in the same four bits in 32-bit and 64-bit files.
    if (ELF64_ST_TYPE(symbol->st_info) != STT_FUNC || symbol->st_shndx == SHN_UNDEF) continue;
    if (address - symbol->st_value >= symbol->st_size) continue;
    arg->function = object->names + symbol->st_name;
    arg->entry = object->base + symbol->st_value;
    return;
  }
}
