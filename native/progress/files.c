#include "files.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/futex.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#ifndef FUTEX_LOCK_PI2
#define FUTEX_LOCK_PI2 13
#endif

static long read_all(int fd, char *buffer, size_t size) {
  long count = pread(fd, buffer, size - 1, 0);
  if (count >= 0)
    buffer[count] = 0;
  return count;
}

long read_at(int directory, const char *path, char *buffer, size_t size) {
  int fd = openat(directory, path, O_RDONLY | O_CLOEXEC);
  if (fd < 0)
    return -1;
  long count = read_all(fd, buffer, size);
  int error = errno;
  close(fd);
  errno = error;
  return count;
}

static bool is_gone(int error) { return error == ESRCH || error == ENOENT; }

/* The text behind `key` at the start of a line, or NULL. */
static const char *field(const char *text, const char *key) {
  size_t length = strlen(key);
  for (const char *line = text; line != NULL; line = strchr(line, '\n')) {
    if (*line == '\n')
      line++;
    if (strncmp(line, key, length) == 0)
      return line + length;
  }
  return NULL;
}

/* The fields of `stat` behind the name, which is in brackets and may itself hold brackets and blanks. */
static const char *behind_name(const char *stat) {
  const char *end = strrchr(stat, ')');
  return end == NULL ? NULL : end + 1;
}

static enum reading read_coarse(int tasks, int tid, struct progress *progress) {
  char path[48], text[4096];
  unsigned long user = 0, system = 0;
  snprintf(path, sizeof path, "%d/stat", tid);
  if (read_at(tasks, path, text, sizeof text) <= 0)
    return is_gone(errno) ? READ_GONE : READ_FAILED;
  const char *rest = behind_name(text);
  if (rest == NULL || sscanf(rest, " %*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %lu %lu", &user, &system) != 2)
    return READ_FAILED;
  progress->run_ns = (uint64_t)(user + system) * (1000000000u / (unsigned)sysconf(_SC_CLK_TCK));
  progress->wait_ns = 0;
  snprintf(path, sizeof path, "%d/status", tid);
  if (read_at(tasks, path, text, sizeof text) <= 0)
    return is_gone(errno) ? READ_GONE : READ_FAILED;
  const char *given_up = field(text, "voluntary_ctxt_switches:");
  const char *taken = field(text, "nonvoluntary_ctxt_switches:");
  progress->switches = given_up && taken ? strtoull(given_up, NULL, 10) + strtoull(taken, NULL, 10) : 0;
  return READ_OK;
}

enum reading read_progress(int kept, int tasks, int tid, struct progress *progress) {
  char path[48], text[128];
  char *end = text;
  long count;
  if (kept >= 0) {
    count = read_all(kept, text, sizeof text);
  } else {
    snprintf(path, sizeof path, "%d/schedstat", tid);
    count = read_at(tasks, path, text, sizeof text);
  }
  if (count < 0 && errno == ESRCH)
    return READ_GONE;
  if (count <= 0)
    return read_coarse(tasks, tid, progress);
  progress->run_ns = strtoull(end, &end, 10);
  progress->wait_ns = strtoull(end, &end, 10);
  progress->switches = strtoull(end, &end, 10);
  if (progress->run_ns == 0 && progress->switches == 0)
    return read_coarse(tasks, tid, progress);
  return READ_OK;
}

void read_syscall(int tasks, int tid, struct syscall_state *state) {
  char path[48], text[256];
  char *end = text;
  memset(state, 0, sizeof *state);
  snprintf(path, sizeof path, "%d/syscall", tid);
  if (read_at(tasks, path, text, sizeof text) <= 0)
    return;
  state->known = true;
  if (text[0] == 'r')
    return;
  state->number = strtol(text, &end, 10);
  state->inside = state->number >= 0;
  for (int i = 0; state->inside && i < 6; i++)
    state->args[i] = strtoull(end, &end, 16);
  state->sp = strtoull(end, &end, 16);
  state->pc = strtoull(end, &end, 16);
  state->placed = state->pc != 0;
}

bool decode_futex(const struct syscall_state *state, struct futex_wait *wait) {
  if (!state->inside || state->number != SYS_futex)
    return false;
  int op = (int)(state->args[1] & FUTEX_CMD_MASK);
  if (op != FUTEX_WAIT && op != FUTEX_WAIT_BITSET && op != FUTEX_LOCK_PI && op != FUTEX_LOCK_PI2 &&
      op != FUTEX_WAIT_REQUEUE_PI)
    return false;
  *wait = (struct futex_wait){state->args[0], op, (uint32_t)state->args[2], state->args[3] != 0};
  return true;
}

/* `status` writes a newline of the name as \n and a backslash as two (proc_task_name in fs/proc/array.c). */
static void unescape_name(const char *text, char *name, size_t size) {
  size_t length = 0;
  while (*text != 0 && *text != '\n' && length + 1 < size) {
    if (*text == '\\' && text[1] != 0) {
      text++;
      name[length++] = *text == 'n' ? '\n' : *text;
    } else {
      name[length++] = *text;
    }
    text++;
  }
  name[length] = 0;
}

bool read_status(int directory, const char *path, struct thread_status *status) {
  char text[4096];
  memset(status, 0, sizeof *status);
  status->state = '?';
  if (read_at(directory, path, text, sizeof text) <= 0)
    return false;
  const char *name = field(text, "Name:\t");
  const char *state = field(text, "State:\t");
  const char *blocked = field(text, "SigBlk:\t");
  if (name != NULL)
    unescape_name(name, status->name, sizeof status->name);
  if (state != NULL)
    status->state = *state;
  if (blocked != NULL) {
    status->masked = true;
    status->blocked = strtoull(blocked, NULL, 16);
  }
  return true;
}

bool read_parent(int directory, const char *path, int *ppid, uint64_t *start) {
  char text[4096];
  unsigned long long ticks = 0;
  if (read_at(directory, path, text, sizeof text) <= 0)
    return false;
  const char *rest = behind_name(text);
  if (rest == NULL || sscanf(rest,
                             " %*c %d %*d %*d %*d %*d %*u %*u %*u %*u %*u %*u %*u %*d %*d %*d %*d %*d %*d %llu",
                             ppid, &ticks) != 2)
    return false;
  *start = ticks;
  return true;
}

int read_uid(int directory) {
  char text[4096];
  if (read_at(directory, "status", text, sizeof text) <= 0)
    return -1;
  const char *uid = field(text, "Uid:\t");
  return uid == NULL ? -1 : atoi(uid);
}

void read_name(int directory, const char *path, char *name, size_t size) {
  long count = read_at(directory, path, name, size);
  if (count > 0 && name[count - 1] == '\n')
    count--;
  name[count > 0 ? count : 0] = 0;
}

long newest_id(void) {
  static int fd = -1;
  char text[128];
  if (fd < 0)
    fd = open("/proc/loadavg", O_RDONLY | O_CLOEXEC);
  if (fd < 0 || read_all(fd, text, sizeof text) <= 0)
    return -1;
  const char *last = strrchr(text, ' ');
  long id = last == NULL ? 0 : atol(last);
  return id > 0 ? id : -1;
}

int compare_ints(const void *a, const void *b) {
  int left = *(const int *)a, right = *(const int *)b;
  return (left > right) - (left < right);
}

size_t list_ids(int directory, int **ids) {
  static int *list;
  static size_t capacity;
  size_t count = 0;
  struct dirent *entry;
  int fd = openat(directory, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  DIR *stream = fd < 0 ? NULL : fdopendir(fd);
  if (stream == NULL)
    return 0;
  while ((entry = readdir(stream)) != NULL) {
    int id = atoi(entry->d_name);
    if (id <= 0)
      continue;
    if (count == capacity) {
      capacity = capacity * 2 + 64;
      list = realloc(list, capacity * sizeof *list);
      if (list == NULL)
        abort();
    }
    list[count++] = id;
  }
  closedir(stream);
  if (count > 0)
    qsort(list, count, sizeof *list, compare_ints);
  *ids = list;
  return count;
}
