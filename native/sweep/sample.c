#include "sample.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>

static bool read_text(pid_t pid, pid_t tid, const char *file, char *text, size_t size) {
  char name[96];
  snprintf(name, sizeof name, "/proc/%d/task/%d/%s", pid, tid, file);
  FILE *stream = fopen(name, "re");
  size_t length = stream == NULL ? 0 : fread(text, 1, size - 1, stream);
  if (stream != NULL)
    fclose(stream);
  text[length] = 0;
  return length > 0;
}

static uint64_t read_mask(const char *status, const char *key) {
  const char *line = strstr(status, key);
  return line == NULL ? 0 : strtoull(line + strlen(key), NULL, 16);
}

struct sample sample_read(pid_t pid, pid_t tid) {
  struct sample sample = {0};
  char text[4096];
  if (read_text(pid, tid, "stat", text, sizeof text)) {
    const char *end = strrchr(text, ')');
    sample.state = end != NULL && end[1] == ' ' ? end[2] : 0;
  }
  if (read_text(pid, tid, "syscall", sample.syscall, sizeof sample.syscall))
    sample.syscall[strcspn(sample.syscall, "\n")] = 0;
  if (read_text(pid, tid, "status", text, sizeof text))
    sample.blocked = read_mask(text, "\nSigBlk:\t");
  if (read_text(pid, tid, "schedstat", text, sizeof text))
    sample.cpu_ns = strtoull(text, NULL, 10);
  return sample;
}

bool sample_on_futex(const struct sample *sample) {
  char *end;
  long number = strtol(sample->syscall, &end, 10);
  return sample->state == 'S' && end != sample->syscall && number == SYS_futex;
}

bool sample_equal(const struct sample *one, const struct sample *other) {
  return one->state == other->state && one->cpu_ns == other->cpu_ns && strcmp(one->syscall, other->syscall) == 0;
}

struct readiness sample_readiness(pid_t pid, pid_t tid) {
  char text[4096];
  if (!read_text(pid, tid, "status", text, sizeof text))
    return (struct readiness){0};
  return (struct readiness){read_mask(text, "\nSigCgt:\t"), read_mask(text, "\nSigBlk:\t")};
}
