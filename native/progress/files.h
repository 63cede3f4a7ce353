/* The files of /proc that the sampler reads, as values. All of them hold hostile or vanishing data. */
#ifndef FILES_H
#define FILES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* How far a thread has come. */
struct progress {
  uint64_t run_ns;   /* CPU time used */
  uint64_t wait_ns;  /* time spent ready to run while no core was free; 0 where the kernel does not say */
  uint64_t switches; /* times it was given a core */
};

enum reading { READ_OK, READ_GONE, READ_FAILED };

/* Reads a small file whole into a zero-ended buffer; the count, or -1 with errno. */
long read_at(int directory, const char *path, char *buffer, size_t size);

/*
 * Reads a thread's progress from a kept descriptor of its `schedstat`, or, when it is -1, from the file below the
 * process's task directory. Kernels without scheduler statistics print three zeros there; `stat` and `status` are
 * read instead (10 ms steps; proc_pid_schedstat in fs/proc/base.c).
 */
enum reading read_progress(int kept, int tasks, int tid, struct progress *progress);

/* What `syscall` says of a thread: `running`, or number, six arguments, sp and pc (proc_pid_syscall in fs/proc/base.c). */
struct syscall_state {
  bool known;  /* the file could be read */
  bool inside; /* the thread is in a system call, `number` and `args` hold */
  bool placed; /* `sp` and `pc` hold */
  long number;
  uint64_t args[6];
  uint64_t sp;
  uint64_t pc;
};

/* A futex wait as its arguments tell it. */
struct futex_wait {
  uint64_t address;
  int op; /* without the private and clock flags */
  uint32_t value;
  bool timed;
};

void read_syscall(int tasks, int tid, struct syscall_state *state);
/* True when the thread waits on a futex. */
bool decode_futex(const struct syscall_state *state, struct futex_wait *wait);

/* State letter, name and blocked signals from `status`. False when it could not be read. */
struct thread_status {
  char state;
  char name[64];
  bool masked;
  uint64_t blocked;
};
bool read_status(int directory, const char *path, struct thread_status *status);

/* Parent and start time from `stat`; false when the process is gone. */
bool read_parent(int directory, const char *path, int *ppid, uint64_t *start);

/* The real user id from `status`, -1 when it could not be read. */
int read_uid(int directory);

/* Name from `comm` without its newline. */
void read_name(int directory, const char *path, char *name, size_t size);

/* The last id given out in this pid namespace, -1 when it is not told: when it has not changed, nothing is new. */
long newest_id(void);

/* The ids in a directory of /proc, sorted; their number, 0 when it is gone. The list holds until the next call. */
size_t list_ids(int directory, int **ids);
int compare_ints(const void *a, const void *b);

#endif
