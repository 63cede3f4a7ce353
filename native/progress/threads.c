#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "table.h"

/*
 * Descriptors are kept only while enough are left to read everything else with; a thread without one is read by its
 * path, at four times the cost.
 */
static int keep_descriptor(int fd) {
  if (fd < sysconf(_SC_OPEN_MAX) - SPARE_DESCRIPTORS)
    return fd;
  close(fd);
  return -1;
}

static struct thread new_thread(struct process *process, int tid, struct json *json, int64_t now) {
  char path[48];
  struct thread thread = {.tid = tid, .moved = true, .fresh = true};
  snprintf(path, sizeof path, "%d/comm", tid);
  read_name(process->tasks, path, thread.name, sizeof thread.name);
  snprintf(path, sizeof path, "%d/schedstat", tid);
  thread.fd = keep_descriptor(openat(process->tasks, path, O_RDONLY | O_CLOEXEC));
  thread.gone = read_progress(thread.fd, process->tasks, tid, &thread.progress) == READ_GONE;
  json_event(json, "thread", now);
  json_number(json, "pid", process->pid);
  json_number(json, "tid", tid);
  json_text(json, "name", thread.name);
  json_end(json);
  return thread;
}

static void end_thread(const struct process *process, const struct thread *thread, struct json *json, int64_t now) {
  if (thread->fd >= 0)
    close(thread->fd);
  json_event(json, "thread-end", now);
  json_number(json, "pid", process->pid);
  json_number(json, "tid", thread->tid);
  json_end(json);
}

void table_list_threads(struct process *process, struct json *json, int64_t now) {
  int *tids = NULL;
  size_t count = list_ids(process->tasks, &tids), before = 0, kept = 0;
  if (count == 0) {
    process->gone = true;
    return;
  }
  if (count > THREADS_MAX) {
    table_trouble(process, json, now, TROUBLE_THREADS, "more threads than can be watched: the rest is left out");
    count = THREADS_MAX;
  }
  struct thread *merged = malloc(count * sizeof *merged);
  if (merged == NULL)
    return;
  for (size_t i = 0; i < count; i++) {
    while (before < process->count && process->threads[before].tid < tids[i])
      end_thread(process, &process->threads[before++], json, now);
    if (before < process->count && process->threads[before].tid == tids[i])
      merged[kept++] = process->threads[before++];
    else
      merged[kept++] = new_thread(process, tids[i], json, now);
  }
  while (before < process->count)
    end_thread(process, &process->threads[before++], json, now);
  free(process->threads);
  process->threads = merged;
  process->count = kept;
}

void table_trouble(struct process *process, struct json *json, int64_t now, enum trouble which, const char *message) {
  if (process->troubles & which)
    return;
  process->troubles |= which;
  json_event(json, "trouble", now);
  json_number(json, "pid", process->pid);
  json_text(json, "message", message);
  json_end(json);
}
