#include "table.h"

#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "counters.h"

/* A look at all of /proc may cost at most one two-hundredth of the time. */
enum { SCAN_SHARE = 200, ANCESTORS_MAX = 64 };

/* Inits that engines put before a program; they only wait for it. */
static const char *const INITS[] = {"docker-init", "tini", "tini-static", "podman-init", "catatonit",
                                    "dumb-init",   "init", "systemd"};

static void *enlarge(void *list, size_t *capacity, size_t wanted, size_t unit) {
  if (wanted <= *capacity)
    return list;
  *capacity = wanted * 2 + 16;
  list = realloc(list, *capacity * unit);
  if (list == NULL)
    abort();
  return list;
}

static int compare_processes(const void *a, const void *b) {
  return compare_ints(&((const struct process *)a)->pid, &((const struct process *)b)->pid);
}

static int open_process(int pid) {
  char path[32];
  snprintf(path, sizeof path, "/proc/%d", pid);
  return open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
}

static char *read_exe(int directory) {
  static char path[PATH_MAX];
  ssize_t length = readlinkat(directory, "exe", path, sizeof path - 1);
  if (length <= 0)
    return NULL;
  path[length] = 0;
  return path;
}

static struct process *find_process(const struct table *table, int pid) {
  struct process key = {.pid = pid};
  return table->count == 0 ? NULL
                           : bsearch(&key, table->list, table->count, sizeof key, compare_processes);
}

static bool is_stranger(const struct table *table, int pid) {
  return table->strangers_count > 0 &&
         bsearch(&pid, table->strangers, table->strangers_count, sizeof pid, compare_ints) != NULL;
}

static uint64_t mount_namespace(int directory) {
  struct stat status;
  return fstatat(directory, "ns/mnt", &status, 0) == 0 ? status.st_ino : 0;
}

/*
 * A helper of the sidecar that lost its parent gets the target's init for one, but not its files: where the root has
 * other mounts than we, whoever has ours is one of us.
 */
static bool is_ours(const struct table *table, int pid) {
  if (table->own_mounts == 0)
    return false;
  int directory = open_process(pid);
  uint64_t mounts = directory < 0 ? 0 : mount_namespace(directory);
  if (directory >= 0)
    close(directory);
  return mounts == table->own_mounts;
}

/* True when the chain of parents leads to the root. A process of the sidecar has a parent outside the namespace: 0. */
static bool descends(const struct table *table, int pid) {
  for (int i = 0; i < ANCESTORS_MAX && pid > 0; i++) {
    char path[32];
    uint64_t start;
    if (pid == table->root || find_process(table, pid) != NULL)
      return true;
    if (is_stranger(table, pid))
      return false;
    snprintf(path, sizeof path, "/proc/%d/stat", pid);
    if (!read_parent(AT_FDCWD, path, &pid, &start))
      return false;
  }
  return false;
}

static bool is_init(int directory) {
  char name[64];
  const char *exe = read_exe(directory);
  const char *slash = exe == NULL ? NULL : strrchr(exe, '/');
  read_name(directory, "comm", name, sizeof name);
  for (size_t i = 0; i < sizeof INITS / sizeof *INITS; i++)
    if (strcmp(slash != NULL ? slash + 1 : name, INITS[i]) == 0)
      return true;
  return false;
}

static void print_process(struct process *process, struct json *json, int64_t now) {
  char name[64];
  int ppid = 0;
  uint64_t start;
  read_parent(process->directory, "stat", &ppid, &start);
  read_name(process->directory, "comm", name, sizeof name);
  json_event(json, "process", now);
  json_number(json, "pid", process->pid);
  json_number(json, "ppid", ppid);
  json_text(json, "name", name);
  json_text(json, "exe", process->exe);
  json_number(json, "uid", read_uid(process->directory));
  json_bool(json, "counters", process->counters != 0);
  json_end(json);
}

/* The file that a process runs, as an identity that outlives renaming and deleting. */
static bool identify(const struct process *process, struct identity *identity) {
  struct stat status;
  if (fstatat(process->directory, "exe", &status, 0) != 0)
    return false;
  *identity = (struct identity){status.st_dev, status.st_ino};
  return true;
}

/* A new program, at first sight or after an exec: nothing known of the one before holds. */
static void note_program(struct process *process, struct json *json, int64_t now) {
  const char *exe = read_exe(process->directory);
  identify(process, &process->program);
  free(process->exe);
  process->exe = exe == NULL ? NULL : strdup(exe);
  maps_forget(&process->maps);
  process->counters = counters_find(process->directory);
  process->troubles = 0;
  print_process(process, json, now);
}

static void close_process(struct process *process) {
  for (size_t i = 0; i < process->count; i++)
    if (process->threads[i].fd >= 0)
      close(process->threads[i].fd);
  close(process->tasks);
  close(process->directory);
  free(process->threads);
  free(process->exe);
  maps_forget(&process->maps);
}

static void add_process(struct table *table, int pid, struct json *json, int64_t now) {
  int directory = open_process(pid);
  int tasks = directory < 0 ? -1 : openat(directory, "task", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  bool full = table->count >= PROCESSES_MAX || tasks >= sysconf(_SC_OPEN_MAX) - SPARE_DESCRIPTORS / 2;
  if (full && !table->full) {
    json_event(json, "trouble", now);
    json_null(json, "pid");
    json_text(json, "message", "more processes than can be watched: the rest is left out");
    json_end(json);
  }
  table->full = table->full || full;
  if (tasks < 0 || full || (pid == table->root && is_init(directory))) {
    if (tasks >= 0)
      close(tasks);
    if (directory >= 0)
      close(directory);
    return;
  }
  table->list = enlarge(table->list, &table->capacity, table->count + 1, sizeof *table->list);
  struct process *process = &table->list[table->count++];
  *process = (struct process){.pid = pid, .directory = directory, .tasks = tasks};
  note_program(process, json, now);
  table_list_threads(process, json, now);
  qsort(table->list, table->count, sizeof *table->list, compare_processes);
}

static void add_stranger(struct table *table, int pid) {
  table->strangers = enlarge(table->strangers, &table->strangers_capacity, table->strangers_count + 1, sizeof(int));
  table->strangers[table->strangers_count++] = pid;
  qsort(table->strangers, table->strangers_count, sizeof(int), compare_ints);
}

static void forget_strangers(struct table *table, const int *ids, size_t count) {
  size_t kept = 0;
  for (size_t i = 0; i < table->strangers_count; i++)
    if (count > 0 && bsearch(&table->strangers[i], ids, count, sizeof *ids, compare_ints) != NULL)
      table->strangers[kept++] = table->strangers[i];
  table->strangers_count = kept;
}

static void scan_processes(struct table *table, struct json *json, int64_t now) {
  int *ids = NULL;
  int proc = open("/proc", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  size_t count = list_ids(proc, &ids);
  close(proc);
  /* The list is shared with the reading of threads below: keep a copy. */
  int *pids = malloc((count + 1) * sizeof *pids);
  if (pids == NULL)
    return;
  memcpy(pids, ids, count * sizeof *pids);
  forget_strangers(table, pids, count);
  table->root_gone = bsearch(&table->root, pids, count, sizeof *pids, compare_ints) == NULL;
  for (size_t i = 0; i < count; i++) {
    if (find_process(table, pids[i]) != NULL || is_stranger(table, pids[i]))
      continue;
    if (pids[i] != getpid() && descends(table, pids[i]) && !is_ours(table, pids[i]))
      add_process(table, pids[i], json, now);
    else
      add_stranger(table, pids[i]);
  }
  free(pids);
}

/* The link count of a task directory is the number of threads and two (proc_task_getattr in fs/proc/base.c). */
static bool has_as_many_threads(const struct process *process) {
  struct stat status;
  return fstat(process->tasks, &status) == 0 && status.st_nlink == process->count + 2;
}

static int64_t nanoseconds(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return time.tv_sec * 1000000000LL + time.tv_nsec;
}

void table_open(struct table *table, int root) {
  int theirs = open_process(root), ours = open_process(getpid());
  uint64_t mounts = mount_namespace(ours);
  *table = (struct table){.root = root, .newest = -1, .scan_due = true};
  table->own_mounts = mounts == mount_namespace(theirs) ? 0 : mounts;
  close(theirs);
  close(ours);
}

void table_find(struct table *table, struct json *json, int64_t now) {
  long newest = newest_id();
  if (newest < 0 || newest != table->newest)
    table->scan_due = true;
  table->newest = newest;
  for (size_t i = 0; i < table->count; i++) {
    struct process *process = &table->list[i];
    struct identity program;
    if (identify(process, &program) && memcmp(&program, &process->program, sizeof program) != 0)
      note_program(process, json, now);
    if (!has_as_many_threads(process))
      table_list_threads(process, json, now);
  }
  if (table->scan_due && now >= table->next_scan) {
    int64_t begun = nanoseconds();
    scan_processes(table, json, now);
    table->next_scan = now + (nanoseconds() - begun) * SCAN_SHARE / 1000000;
    table->scan_due = false;
  }
}

void table_sweep(struct table *table, struct json *json, int64_t now) {
  size_t kept = 0;
  for (size_t i = 0; i < table->count; i++) {
    struct process *process = &table->list[i];
    if (!process->gone) {
      table->list[kept++] = *process;
      continue;
    }
    json_event(json, "process-end", now);
    json_number(json, "pid", process->pid);
    json_end(json);
    close_process(process);
    table->scan_due = true; /* its children have a new parent, and the root may be the one that ended */
  }
  table->count = kept;
}

size_t table_threads(const struct table *table) {
  size_t count = 0;
  for (size_t i = 0; i < table->count; i++)
    count += table->list[i].count;
  return count;
}
