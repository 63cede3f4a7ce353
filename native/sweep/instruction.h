/* The few things that a sweep must know of an instruction. amd64. */
#ifndef INSTRUCTION_H
#define INSTRUCTION_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/user.h>

enum { INSTRUCTION_BYTES = 15 };

/* A string instruction with a repeat prefix: a single step makes one round of it and stays where it is. */
bool instruction_repeats(const unsigned char *bytes);

/* `syscall`. */
bool instruction_calls(const unsigned char *bytes);

/* The `syscall` of a trampoline that ends a handler (mov $15,%eax; syscall), as an offset; -1 when these bytes are none. */
int instruction_sigreturn(const unsigned char *bytes, int count);

/*
 * What a locked instruction does to which memory: `cmpxchg`, `xchg`, `xadd`, `bit` or `arithmetic`; NULL for any other
 * instruction. The processor locks the bus for xchg with memory by itself (Intel SDM volume 2, LOCK and XCHG).
 */
const char *instruction_locked(const unsigned char *bytes, const struct user_regs_struct *regs, uint64_t *address);

#endif
