#include <stddef.h>
#include <stdlib.h>

#include "counters.h"
#include "throw.h"

void throw_for_ever(void) {
  struct cgo_deadlock_slot *slot = take_slot();
  if (slot == NULL) abort(); // main.go allows no more threads than there are slots
  for (;;) {
    slot->in_throw = 1;
    throw_and_catch();
    slot->in_throw = 0;
    slot->throws++;
  }
}
