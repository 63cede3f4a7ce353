/*
 * seen FILE
 *
 * Watches from outside which processes have the guard loaded, FILE being its path as they see it, and whether they call it.
 * Prints a JSON line when a process is first seen with it, and one when its first call is seen:
 *
 *   {"event":"guard","pid":7,"calls":0}
 *
 * and `{"event":"looked"}` when it has looked at all processes for the first time.
 *
 * Looks ten times a second, at all processes of its pid namespace, until it is ended or nobody reads it any more. It needs
 * the right to trace them, and stops none.
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <inttypes.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/uio.h>
#include <time.h>

enum { PROCESSES_MAX = 4096, DATA_MAX = 1 << 16, LOOK_MS = 100 };

static const char MAGIC[16] = "cgo-deadlock-grd";

struct process {
  int pid;
  bool called;
};

static struct process known[PROCESSES_MAX];
static size_t count;

static struct process *find(int pid) {
  for (size_t i = 0; i < count; i++)
    if (known[i].pid == pid)
      return &known[i];
  return NULL;
}

/* Nothing more is to be learnt of it. */
static bool is_done(int pid) {
  const struct process *process = find(pid);
  return process != NULL && process->called;
}

/* The counter behind the magic in one stretch of a process's memory; false when it is not there. */
static bool read_calls(int pid, uint64_t from, uint64_t to, uint64_t *calls) {
  static char data[DATA_MAX];
  size_t size = to - from < sizeof data ? to - from : sizeof data;
  struct iovec here = {data, size}, there = {(void *)(uintptr_t)from, size};
  if (process_vm_readv(pid, &here, 1, &there, 1, 0) != (ssize_t)size)
    return false;
  char *found = memmem(data, size, MAGIC, sizeof MAGIC);
  if (found == NULL || found + sizeof MAGIC + sizeof *calls > data + size)
    return false;
  memcpy(calls, found + sizeof MAGIC, sizeof *calls);
  return true;
}

/* Looks for the file among what a process has mapped, and for the counter in the part of it that can be written. */
static bool look(int pid, const char *file, uint64_t *calls) {
  char name[64], line[4600], rights[8], path[4097];
  uint64_t from, to;
  bool loaded = false;
  snprintf(name, sizeof name, "/proc/%d/maps", pid);
  FILE *maps = fopen(name, "re");
  if (maps == NULL)
    return false;
  *calls = 0;
  while (*calls == 0 && fgets(line, sizeof line, maps) != NULL) {
    if (sscanf(line, "%" SCNx64 "-%" SCNx64 " %7s %*s %*s %*s %4096[^\n]", &from, &to, rights, path) != 4 || strcmp(path, file) != 0)
      continue;
    loaded = true;
    if (rights[1] == 'w')
      read_calls(pid, from, to, calls);
  }
  fclose(maps);
  return loaded;
}

static void tell(int pid, uint64_t calls) {
  struct process *process = find(pid);
  if (process != NULL && calls == 0)
    return;
  if (process == NULL && count == PROCESSES_MAX)
    return;
  if (process == NULL)
    process = &known[count++];
  *process = (struct process){pid, calls > 0};
  printf("{\"event\":\"guard\",\"pid\":%d,\"calls\":%" PRIu64 "}\n", pid, calls);
}

int main(int argc, char **argv) {
  if (argc != 2) {
    fprintf(stderr, "usage: seen FILE\n");
    return 2;
  }
  signal(SIGTERM, SIG_DFL);
  setvbuf(stdout, NULL, _IOLBF, 0);
  bool looked = false;
  while (!ferror(stdout)) {
    DIR *processes = opendir("/proc");
    uint64_t calls = 0;
    for (struct dirent *entry; processes != NULL && (entry = readdir(processes)) != NULL;) {
      int pid = atoi(entry->d_name);
      if (pid > 0 && !is_done(pid) && look(pid, argv[1], &calls))
        tell(pid, calls);
    }
    if (processes != NULL)
      closedir(processes);
    if (!looked)
      puts("{\"event\":\"looked\"}");
    looked = true;
    nanosleep(&(struct timespec){0, LOOK_MS * 1000000L}, NULL);
  }
  return 0;
}
