/*
 * progress [--interval MS] [--root PID]
 *
 * Watches, from outside, how far each thread of each process below PID (1: the container's init) has come, and prints
 * it as JSON lines; src/watch/types.ts (SamplerEvent) is their schema. Reads cheap files of /proc only; stops a thread, for
 * microseconds, only when it has burnt CPU for a second and nothing else tells where. The lines `pause` and `resume`
 * on its input make it keep still while a debugger works, and are answered with `paused` and `resumed`.
 *
 * Ends when its reader is gone, and when the root and all that was watched below it have ended.
 */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include "json.h"
#include "table.h"
#include "tick.h"
#include "trace.h"

enum { INTERVAL_MS = 100, INTERVAL_MIN_MS = 10, INTERVAL_MAX_MS = 60000 };
enum { MANY_THREADS = 500, MANY_THREADS_INTERVAL_MS = 500 };
/* No step takes this long; one that does (a reader that does not read, a page that never comes) ends the sampler. */
enum { STUCK_S = 20 };

struct control {
  bool open;   /* standard input may still say something */
  bool paused;
  char line[64];
  size_t length;
};

struct options {
  int interval;
  int root;
};

static int64_t milliseconds(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return time.tv_sec * 1000LL + time.tv_nsec / 1000000;
}

static void give_up(int signal) {
  static const char message[] = "progress: stuck in one step for 20 s, giving up\n";
  (void)signal;
  ssize_t written = write(STDERR_FILENO, message, sizeof message - 1);
  _exit(written < 0 ? 5 : 4);
}

static void obey(struct control *control) {
  if (strcmp(control->line, "pause") == 0)
    control->paused = true;
  if (strcmp(control->line, "resume") == 0)
    control->paused = false;
}

/* Reads what there is; the last of several lines counts. When nobody can say `resume` any more, a pause is over. */
static void read_control(struct control *control) {
  char bytes[256];
  ssize_t count = read(STDIN_FILENO, bytes, sizeof bytes);
  if (count < 0 && (errno == EINTR || errno == EAGAIN))
    return;
  if (count <= 0) {
    control->open = false;
    control->paused = false;
    return;
  }
  for (ssize_t i = 0; i < count; i++) {
    if (bytes[i] != '\n') {
      if (control->length + 1 < sizeof control->line)
        control->line[control->length++] = bytes[i];
      continue;
    }
    control->line[control->length] = 0;
    control->length = 0;
    obey(control);
  }
}

/* Waits up to `timeout` ms (-1: for ever) for a word on the input; false when the reader of the output is gone. */
static bool listen_for(struct control *control, int timeout) {
  struct pollfd files[2] = {{STDOUT_FILENO, 0, 0}, {STDIN_FILENO, POLLIN, 0}};
  int count = poll(files, control->open ? 2 : 1, timeout);
  if (count > 0 && (files[0].revents & (POLLERR | POLLNVAL)))
    return false;
  if (count > 0 && control->open && files[1].revents)
    read_control(control);
  return true;
}

static bool say(struct json *json, const char *event, int64_t now) {
  json_event(json, event, now);
  json_end(json);
  return json_flush(json, STDOUT_FILENO);
}

/* Threads that have not stopped yet are let go first: a debugger cannot attach to them before. */
static bool stay_paused(struct control *control, struct table *table, struct json *json, int64_t start) {
  alarm(0);
  int64_t patience = milliseconds() + 2000;
  while (trace_settle() && milliseconds() < patience)
    poll(NULL, 0, 1);
  if (!say(json, "paused", milliseconds() - start))
    return false;
  while (control->paused)
    if (!listen_for(control, trace_settle() ? 1 : -1))
      return false;
  alarm(STUCK_S);
  trace_forget();
  tick_afresh(table, milliseconds() - start);
  return say(json, "resumed", milliseconds() - start);
}

static bool wait_until(struct control *control, int64_t deadline) {
  for (int64_t now = milliseconds(); now < deadline && !control->paused; now = milliseconds()) {
    int left = (int)(deadline - now);
    if (!listen_for(control, trace_settle() ? 1 : left))
      return false;
  }
  return true;
}

static int run(const struct options *options) {
  struct json json = {0};
  struct control control = {.open = true};
  struct table table;
  int64_t start = milliseconds() - 1, next = milliseconds(); /* times begin at 1: 0 is `never` */
  table_open(&table, options->root);
  json_event(&json, "hello", 0);
  json_number(&json, "version", 1);
  json_number(&json, "interval", options->interval);
  json_end(&json);
  for (;;) {
    alarm(STUCK_S);
    tick(&table, &json, milliseconds() - start);
    if (!json_flush(&json, STDOUT_FILENO))
      return 0;
    if (table.root_gone && table.count == 0)
      return 0;
    int interval = options->interval;
    if (table_threads(&table) > MANY_THREADS && interval < MANY_THREADS_INTERVAL_MS)
      interval = MANY_THREADS_INTERVAL_MS;
    next += interval;
    if (next < milliseconds())
      next = milliseconds() + interval;
    if (!wait_until(&control, next))
      return 0;
    if (control.paused && !stay_paused(&control, &table, &json, start))
      return 0;
  }
}

static int usage(const char *wrong) {
  fprintf(stderr,
          "progress: %s\nusage: progress [--interval MS] [--root PID]\n"
          "MS is %d to %d (default %d); PID is a running process (default 1)\n",
          wrong, INTERVAL_MIN_MS, INTERVAL_MAX_MS, INTERVAL_MS);
  return 2;
}

static bool read_number(const char *text, long low, long high, int *value) {
  char *end;
  if (text == NULL)
    return false;
  long number = strtol(text, &end, 10);
  *value = (int)number;
  return *text != 0 && *end == 0 && number >= low && number <= high;
}

int main(int argc, char **argv) {
  struct options options = {INTERVAL_MS, 1};
  char path[32];
  for (int i = 1; i < argc; i += 2) {
    if (strcmp(argv[i], "--interval") == 0) {
      if (!read_number(argv[i + 1], INTERVAL_MIN_MS, INTERVAL_MAX_MS, &options.interval))
        return usage("--interval needs a number of milliseconds");
    } else if (strcmp(argv[i], "--root") == 0) {
      if (!read_number(argv[i + 1], 1, 1 << 22, &options.root))
        return usage("--root needs the id of a process");
    } else {
      return usage("unknown argument");
    }
  }
  snprintf(path, sizeof path, "/proc/%d", options.root);
  if (access(path, F_OK) != 0)
    return usage("the process to watch does not exist");
  struct rlimit files;
  if (getrlimit(RLIMIT_NOFILE, &files) == 0) {
    files.rlim_cur = files.rlim_max;
    setrlimit(RLIMIT_NOFILE, &files);
  }
  signal(SIGPIPE, SIG_IGN);
  signal(SIGALRM, give_up);
  return run(&options);
}
