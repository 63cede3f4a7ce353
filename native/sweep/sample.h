/* What /proc says of one thread. */
#ifndef SAMPLE_H
#define SAMPLE_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

enum { SYSCALL_BYTES = 200 };

struct sample {
  char state;                  /* R, S, D, t…, or 0 when the thread is gone */
  char syscall[SYSCALL_BYTES]; /* as the kernel prints it: number, six arguments, stack pointer, pc; or `running` */
  uint64_t blocked;            /* SigBlk */
  uint64_t cpu_ns;             /* time on a CPU so far */
};

struct sample sample_read(pid_t pid, pid_t tid);

/* It waits for a futex. */
bool sample_on_futex(const struct sample *sample);

/* It has not moved from one to the other. */
bool sample_equal(const struct sample *one, const struct sample *other);

/* What a thread does with signals, a bit each from SIGHUP on. */
struct readiness {
  uint64_t caught;  /* the process has a handler */
  uint64_t blocked; /* the thread does not take them now */
};

struct readiness sample_readiness(pid_t pid, pid_t tid);

#endif
