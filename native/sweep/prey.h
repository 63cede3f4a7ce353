/* A process on the way to the function, and where in it the function is. */
#ifndef PREY_H
#define PREY_H

#include "image.h"
#include "tracee.h"

struct prey {
  pid_t pid;
  uint64_t entry;    /* where its program begins, while the loader still works before that */
  uint64_t address[BREAKPOINTS];
  size_t addresses;  /* definitions of the function that were found so far */
  bool indirect;     /* one of that name only chooses another function (STT_GNU_IFUNC) */
  size_t files;      /* mapped when that was looked up */
};

/* Where the kernel starts the program, as it told it (AT_ENTRY); the loader runs before, if there is one. 0: not known. */
uint64_t prey_entry(pid_t pid);

/* Looks the function up (a symbol, or FILE+0xOFFSET), if files were loaded since the last time. */
void prey_look_up(struct prey *prey, const char *function);

bool prey_at_function(const struct prey *prey, uint64_t pc);

#endif
