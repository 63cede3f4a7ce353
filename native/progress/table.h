/* The processes and threads under watch, and how new ones are found. */
#ifndef TABLE_H
#define TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "files.h"
#include "json.h"
#include "maps.h"

enum { MARKS = 5, MARK_MS = 250, THREADS_MAX = 32768, PROCESSES_MAX = 4096, SPARE_DESCRIPTORS = 48 };

/* How much a thread had run, or wanted to, at a time: five of them span the last second. */
struct mark {
  int64_t at;
  uint64_t busy_ns;
};

struct thread {
  int tid;
  int fd; /* its schedstat, -1 when there are no descriptors left */
  struct progress progress;
  bool moved;
  bool fresh; /* not in a tick yet: the first one names it as moved, for its CPU time */
  bool gone;
  bool examined;    /* its `still` event was printed since it last moved */
  unsigned unmoved; /* ticks in a row */
  struct mark marks[MARKS];
  unsigned next_mark;
  bool hot; /* ran, or wanted to, for 80 % of the last second */
  uint64_t throws;
  int64_t throws_moved_at; /* ms; 0 when the thread has no counters */
  char name[64];
};

/* What went wrong once with a process and is not said again. */
enum trouble { TROUBLE_SYSCALL = 1, TROUBLE_TRACE = 2, TROUBLE_COUNTERS = 4, TROUBLE_THREADS = 8 };

struct identity {
  uint64_t device, file;
};

struct process {
  int pid;
  int directory; /* /proc/PID */
  int tasks;     /* /proc/PID/task */
  char *exe;
  struct identity program;
  struct thread *threads; /* by tid */
  size_t count, capacity;
  bool gone;
  uint64_t counters; /* address of the counters object, 0 for none */
  int64_t counters_sought_at;
  struct maps maps;
  unsigned troubles;
};

struct table {
  int root;
  bool root_gone;
  bool full; /* there were more processes than can be watched, and that was said */
  uint64_t own_mounts; /* our mount namespace where the root has another one, else 0 */
  struct process *list;
  size_t count, capacity;
  int *strangers; /* ids that were looked at and do not descend from the root */
  size_t strangers_count, strangers_capacity;
  long newest;
  bool scan_due;
  int64_t next_scan;
  size_t next_hot;        /* where the turn of the hot threads stands */
  double purse_ns; /* what close looks may still cost, see tick.c */
  int64_t last_tick;
};

void table_open(struct table *table, int root);

/* Looks for new processes and threads where something can be new, and prints what it found and what ended. */
void table_find(struct table *table, struct json *json, int64_t now);

/* Reads a process's directory of threads again (threads.c). */
void table_list_threads(struct process *process, struct json *json, int64_t now);

/* Takes away processes that have ended. */
void table_sweep(struct table *table, struct json *json, int64_t now);

size_t table_threads(const struct table *table);

/* Prints a trouble of a process once. */
void table_trouble(struct process *process, struct json *json, int64_t now, enum trouble which, const char *message);

#endif
