#include "tick.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "counters.h"
#include "trace.h"

/*
 * Looking closely at a still thread costs some 25 us, much more than a tick of it, and a program whose threads all wake
 * once a second would make it the whole cost. So it is paid out of a purse: full at the start, filled up with a share
 * of the time that passes; what it does not pay for waits, the longest still first.
 */
enum { PURSE_NS = 50 * 1000000, MANY_THREADS = 500 };
static const double SHARE = 0.004, SHARE_OF_MANY = 0.02;

enum { STILL_TICKS = 2, HOT_PERCENT = 80, HOT_MS = 1000, TRACED_A_TICK = 4, SEEK_MS = 1000 };
static const int64_t JSON_INTEGER_MAX = (1LL << 53) - 1;

/* ---- who moved ---- */

/* Whether the thread ran, or stood ready to run, nearly all of the last second. */
static bool is_hot(const struct thread *thread, int64_t now, uint64_t busy_ns) {
  const struct mark *from = NULL;
  for (int i = 0; i < MARKS; i++) {
    const struct mark *mark = &thread->marks[i];
    if (mark->at > 0 && mark->at <= now - HOT_MS && (from == NULL || mark->at > from->at))
      from = mark;
  }
  return from != NULL && (busy_ns - from->busy_ns) / 10000 >= (uint64_t)(now - from->at) * HOT_PERCENT;
}

static void mark_thread(struct thread *thread, int64_t now) {
  uint64_t busy_ns = thread->progress.run_ns + thread->progress.wait_ns;
  const struct mark *last = &thread->marks[(thread->next_mark + MARKS - 1) % MARKS];
  if (now - last->at < MARK_MS)
    return;
  thread->hot = is_hot(thread, now, busy_ns);
  thread->marks[thread->next_mark] = (struct mark){now, busy_ns};
  thread->next_mark = (thread->next_mark + 1) % MARKS;
}

static void read_thread(struct process *process, struct thread *thread, int64_t now) {
  struct progress progress = thread->progress;
  enum reading reading = read_progress(thread->fd, process->tasks, thread->tid, &progress);
  bool changed = progress.run_ns != thread->progress.run_ns || progress.switches != thread->progress.switches;
  thread->gone = reading == READ_GONE;
  thread->moved = changed || thread->fresh;
  thread->progress = progress;
  if (thread->moved)
    thread->examined = false;
  thread->unmoved = thread->moved || reading != READ_OK ? 0 : thread->unmoved + 1;
  mark_thread(thread, now);
}

static void print_moved(struct process *process, struct json *json, int64_t now) {
  json_event(json, "tick", now);
  json_number(json, "pid", process->pid);
  json_number(json, "threads", (int64_t)process->count);
  json_open(json, "moved", '[');
  for (size_t i = 0; i < process->count; i++) {
    struct thread *thread = &process->threads[i];
    thread->fresh = false;
    if (!thread->moved)
      continue;
    json_open(json, NULL, '[');
    json_element(json, thread->tid);
    json_element(json, (int64_t)(thread->progress.run_ns / 1000000));
    json_element(json, (int64_t)(thread->progress.wait_ns / 1000000));
    json_element(json, (int64_t)thread->progress.switches);
    json_close(json, ']');
  }
  json_close(json, ']');
  json_end(json);
}

static void tick_process(struct process *process, struct json *json, int64_t now) {
  bool ended = false;
  for (size_t i = 0; i < process->count; i++) {
    read_thread(process, &process->threads[i], now);
    ended = ended || process->threads[i].gone;
  }
  if (ended)
    table_list_threads(process, json, now);
  if (!process->gone)
    print_moved(process, json, now);
}

/* ---- who stands still ---- */

static void print_futex(struct json *json, const struct futex_wait *wait) {
  json_open(json, "futex", '{');
  json_hex(json, "address", true, wait->address);
  json_number(json, "op", wait->op);
  json_number(json, "value", wait->value);
  json_bool(json, "timed", wait->timed);
  json_close(json, '}');
}

static const char *file_at(struct process *process, bool known, uint64_t address, int64_t now) {
  return known ? maps_name(&process->maps, maps_find(&process->maps, process->directory, address, now)) : NULL;
}

/* A thread may take its name, or another one, after it was first seen. */
static void note_name(struct process *process, struct thread *thread, const char *name, struct json *json,
                      int64_t now) {
  if (strcmp(name, thread->name) == 0)
    return;
  strcpy(thread->name, name);
  json_event(json, "thread", now);
  json_number(json, "pid", process->pid);
  json_number(json, "tid", thread->tid);
  json_text(json, "name", name);
  json_end(json);
}

static void examine(struct process *process, struct thread *thread, struct json *json, int64_t now) {
  struct syscall_state at;
  struct thread_status status;
  struct futex_wait wait;
  char path[48], state[2] = {0};
  thread->examined = true;
  snprintf(path, sizeof path, "%d/status", thread->tid);
  read_syscall(process->tasks, thread->tid, &at);
  if (!read_status(process->tasks, path, &status))
    return;
  note_name(process, thread, status.name, json, now);
  if (!at.known && status.state != 'Z')
    table_trouble(process, json, now, TROUBLE_SYSCALL, "where its threads wait cannot be read: permission denied");
  bool waits = decode_futex(&at, &wait);
  state[0] = status.state;
  json_event(json, "still", now);
  json_number(json, "pid", process->pid);
  json_number(json, "tid", thread->tid);
  json_text(json, "state", state);
  if (at.inside)
    json_number(json, "syscall", at.number);
  else
    json_null(json, "syscall");
  if (waits)
    print_futex(json, &wait);
  else
    json_null(json, "futex");
  json_hex(json, "pc", at.placed, at.pc);
  json_hex(json, "sp", at.placed, at.sp);
  json_hex(json, "blocked", status.masked, status.blocked);
  json_text(json, "pcFile", file_at(process, at.placed, at.pc, now));
  json_text(json, "futexFile", file_at(process, waits, wait.address, now));
  json_end(json);
}

struct candidate {
  struct process *process;
  struct thread *thread;
};

static int longest_first(const void *a, const void *b) {
  unsigned left = ((const struct candidate *)a)->thread->unmoved;
  unsigned right = ((const struct candidate *)b)->thread->unmoved;
  return (left < right) - (left > right);
}

static double cpu_ns(void) {
  struct timespec time;
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return (double)time.tv_sec * 1e9 + (double)time.tv_nsec;
}

static void examine_still(struct table *table, struct json *json, int64_t now) {
  size_t threads = table_threads(table), count = 0;
  struct candidate *candidates = malloc((threads + 1) * sizeof *candidates);
  if (candidates == NULL)
    return;
  for (size_t p = 0; p < table->count; p++)
    for (size_t i = 0; i < table->list[p].count; i++) {
      struct thread *thread = &table->list[p].threads[i];
      if (thread->unmoved >= STILL_TICKS && !thread->examined && !thread->gone)
        candidates[count++] = (struct candidate){&table->list[p], thread};
    }
  if (count > 1)
    qsort(candidates, count, sizeof *candidates, longest_first);
  double share = threads > MANY_THREADS ? SHARE_OF_MANY : SHARE;
  table->purse_ns += (double)(now - table->last_tick) * 1e6 * share;
  if (table->purse_ns > PURSE_NS || table->last_tick == 0)
    table->purse_ns = PURSE_NS;
  double before = cpu_ns();
  for (size_t i = 0; i < count && table->purse_ns > 0; i++) {
    examine(candidates[i].process, candidates[i].thread, json, now);
    double after = cpu_ns();
    table->purse_ns -= after - before;
    before = after;
  }
  free(candidates);
}

/* ---- counters ---- */

static int64_t bounded(uint64_t value) { return value > (uint64_t)JSON_INTEGER_MAX ? JSON_INTEGER_MAX : (int64_t)value; }

static int compare_threads(const void *a, const void *b) {
  int left = ((const struct thread *)a)->tid, right = ((const struct thread *)b)->tid;
  return (left > right) - (left < right);
}

static void note_throws(struct process *process, const struct counter_slot *slot, int64_t now) {
  struct thread key = {.tid = (int)slot->tid};
  struct thread *thread = process->count == 0 ? NULL
                                              : bsearch(&key, process->threads, process->count, sizeof key,
                                                        compare_threads);
  if (thread == NULL || (thread->throws == slot->throws && thread->throws_moved_at > 0))
    return;
  thread->throws = slot->throws;
  thread->throws_moved_at = now;
}

static void print_slot(struct json *json, const struct counter_slot *slot) {
  json_open(json, NULL, '{');
  json_number(json, "tid", (int64_t)slot->tid);
  json_number(json, "throws", bounded(slot->throws));
  json_number(json, "signals", bounded(slot->signals));
  json_number(json, "unwinds", bounded(slot->unwinds));
  json_number(json, "exposures", bounded(slot->exposures));
  json_close(json, '}');
}

static void print_counters(struct process *process, struct json *json, int64_t now) {
  static struct counters counters;
  if (!counters_read(process->pid, process->directory, process->counters, &counters)) {
    if (now - process->counters_sought_at >= SEEK_MS) { /* the same program may have been started over */
      process->counters = counters_find(process->directory);
      process->counters_sought_at = now;
      table_trouble(process, json, now, TROUBLE_COUNTERS, "its counters cannot be read");
    }
    return;
  }
  json_event(json, "counters", now);
  json_number(json, "pid", process->pid);
  json_open(json, "threads", '[');
  for (int i = 0; i < COUNTER_SLOTS; i++) {
    const struct counter_slot *slot = &counters.slot[i];
    if (slot->tid == 0 || slot->tid > INT_MAX)
      continue;
    note_throws(process, slot, now);
    print_slot(json, slot);
  }
  json_close(json, ']');
  json_number(json, "terminated", counters.terminated > INT_MAX ? 0 : counters.terminated);
  json_end(json);
}

/* ---- where the busy ones run ---- */

static void print_pc(struct process *process, const struct thread *thread, struct json *json, int64_t now) {
  const char *why = NULL;
  uint64_t pc = 0;
  if (!trace_pc(thread->tid, &pc, &why)) {
    if (why != NULL)
      table_trouble(process, json, now, TROUBLE_TRACE, "where its busy threads run cannot be read: ptrace is refused");
    return;
  }
  const struct mapping *mapping = maps_find(&process->maps, process->directory, pc, now);
  const char *file = maps_name(&process->maps, mapping);
  json_event(json, "pc", now);
  json_number(json, "pid", process->pid);
  json_number(json, "tid", thread->tid);
  json_hex(json, "pc", true, pc);
  json_text(json, "file", file);
  json_hex(json, "offset", file != NULL, file != NULL ? pc - mapping->from + mapping->offset : 0);
  json_end(json);
}

/* A busy thread whose throws go on does what it should. */
static bool is_puzzling(const struct thread *thread, int64_t now) {
  return thread->hot && !thread->gone && (thread->throws_moved_at == 0 || now - thread->throws_moved_at >= HOT_MS);
}

static void trace_busy(struct table *table, struct json *json, int64_t now) {
  size_t puzzling = 0, rank = 0;
  for (size_t p = 0; p < table->count; p++)
    for (size_t i = 0; i < table->list[p].count; i++)
      puzzling += is_puzzling(&table->list[p].threads[i], now);
  if (puzzling == 0)
    return;
  size_t first = table->next_hot % puzzling;
  table->next_hot = puzzling > TRACED_A_TICK ? first + TRACED_A_TICK : 0;
  for (size_t p = 0; p < table->count; p++)
    for (size_t i = 0; i < table->list[p].count; i++)
      if (is_puzzling(&table->list[p].threads[i], now) && (rank++ + puzzling - first) % puzzling < TRACED_A_TICK)
        print_pc(&table->list[p], &table->list[p].threads[i], json, now);
}

/* ---- all ---- */

void tick(struct table *table, struct json *json, int64_t now) {
  table_find(table, json, now);
  for (size_t i = 0; i < table->count; i++)
    if (!table->list[i].gone)
      tick_process(&table->list[i], json, now);
  table_sweep(table, json, now);
  examine_still(table, json, now);
  for (size_t i = 0; i < table->count; i++)
    if (table->list[i].counters != 0)
      print_counters(&table->list[i], json, now);
  trace_busy(table, json, now);
  table->last_tick = now;
}

static void start_afresh(struct process *process, struct thread *thread, int64_t now) {
  read_progress(thread->fd, process->tasks, thread->tid, &thread->progress);
  memset(thread->marks, 0, sizeof thread->marks);
  thread->hot = false;
  thread->examined = false;
  thread->unmoved = 0;
  if (thread->throws_moved_at > 0)
    thread->throws_moved_at = now;
}

void tick_afresh(struct table *table, int64_t now) {
  for (size_t p = 0; p < table->count; p++)
    for (size_t i = 0; i < table->list[p].count; i++)
      start_afresh(&table->list[p], &table->list[p].threads[i], now);
}
