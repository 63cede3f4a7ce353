#include "options.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SIGNAL_MAX = 64 };

static int usage(const char *wrong, const char *value) {
  fprintf(stderr,
          "sweep: %s: %s\n"
          "usage: sweep [--held] [--keep all|failed|none] [--function SYMBOL | FILE+0xOFFSET] [--observe SYMBOL] [--avoid SYMBOL]...\n"
          "             [--until again|caught|returned] [--limit-ms N] [--find-s N] [--again-s N] PID skip|plain|SIG/STRIDE+N|SIG@FILE+0xOFFSET#TURN|locks=SIG|sample=N|next ...\n",
          wrong, value == NULL ? "missing" : value);
  return 2;
}

static bool read_number(const char *text, int64_t low, int64_t high, int64_t *value) {
  char *end;
  if (text == NULL || *text == 0)
    return false;
  errno = 0;
  *value = strtoll(text, &end, 10);
  return *end == 0 && errno == 0 && *value >= low && *value <= high;
}

/* `27@/lib/libc.so.6+0x15fcc0#2`; a file may have any character in its name. */
static bool read_alone(const char *text, struct passage_plan *plan) {
  char end;
  unsigned long long offset;
  const char *at = strchr(text, '@'), *plus = strrchr(text, '+');
  if (at == NULL || plus == NULL || plus <= at + 1 || sscanf(text, "%d@", &plan->signal) != 1)
    return false;
  plan->kind = PASSAGE_ALONE;
  plan->file = at + 1;
  plan->file_length = (size_t)(plus - plan->file);
  if (sscanf(plus, "+0x%llx#%d%c", &offset, &plan->turn, &end) != 2)
    return false;
  plan->offset = offset;
  return plan->turn > 0 && plan->signal > 0 && plan->signal <= SIGNAL_MAX;
}

static bool read_passage(const char *text, struct passage_plan *plan) {
  char end;
  unsigned long long stride, start, samples;
  *plan = (struct passage_plan){.kind = PASSAGE_SKIP};
  if (strcmp(text, "skip") == 0)
    return true;
  plan->kind = PASSAGE_PLAIN;
  if (strcmp(text, "plain") == 0)
    return true;
  plan->kind = PASSAGE_SAMPLE;
  if (sscanf(text, "sample=%llu%c", &samples, &end) == 1) {
    plan->samples = samples;
    return samples > 0 && samples <= 1000000;
  }
  plan->kind = PASSAGE_LOCKS;
  if (sscanf(text, "locks=%d%c", &plan->signal, &end) == 1)
    return plan->signal > 0 && plan->signal <= SIGNAL_MAX;
  if (strchr(text, '@') != NULL)
    return read_alone(text, plan);
  plan->kind = PASSAGE_SIGNALS;
  if (sscanf(text, "%d/%llu+%llu%c", &plan->signal, &stride, &start, &end) != 3)
    return false;
  plan->stride = stride;
  plan->start = start;
  return stride > 0 && plan->signal > 0 && plan->signal <= SIGNAL_MAX;
}

/* The place of a word among three, -1 when it is none of them. */
static int read_word(const char *text, const char *const *words) {
  for (int i = 0; text != NULL && i < 3; i++)
    if (strcmp(text, words[i]) == 0)
      return i;
  return -1;
}

static bool read_until(const char *text, enum until *until) {
  static const char *const NAMES[] = {"again", "caught", "returned"};
  int word = read_word(text, NAMES);
  *until = (enum until)(UNTIL_AGAIN + word);
  return word >= 0;
}

static bool read_keep(const char *text, enum keep *keep) {
  static const char *const NAMES[] = {"all", "failed", "none"};
  int word = read_word(text, NAMES);
  *keep = (enum keep)word;
  return word >= 0;
}

/* 1 for an option with a value, 0 for one without, -1 for a wrong value, -2 for no option. */
static int read_option(struct options *options, const char *name, const char *value) {
  if (strcmp(name, "--held") == 0)
    return options->held = true, 0;
  if (strcmp(name, "--keep") == 0)
    return read_keep(value, &options->keep) ? 1 : -1;
  if (strcmp(name, "--function") == 0)
    return (options->function = value) == NULL ? -1 : 1;
  if (strcmp(name, "--observe") == 0)
    return (options->observe = value) == NULL ? -1 : 1;
  if (strcmp(name, "--avoid") == 0)
    return value == NULL || options->avoided == AVOIDED_MAX ? -1 : (options->avoid[options->avoided++] = value, 1);
  if (strcmp(name, "--until") == 0)
    return read_until(value, &options->until) ? 1 : -1;
  if (strcmp(name, "--limit-ms") == 0)
    return read_number(value, 20, 60000, &options->limit_ms) ? 1 : -1;
  if (strcmp(name, "--find-s") == 0)
    return read_number(value, 1, 3600, &options->find_s) ? 1 : -1;
  if (strcmp(name, "--again-s") == 0)
    return read_number(value, 1, 3600, &options->again_s) ? 1 : -1;
  return -2;
}

static int read_passages(int count, char **words, struct options *options) {
  bool begins = true;
  for (int i = 0; i < count; i++) {
    bool next = strcmp(words[i], "next") == 0;
    if (next && begins)
      return usage("a passage is needed before", words[i]);
    if (!next && (options->count == PASSAGES_MAX || !read_passage(words[i], &options->plans[options->count])))
      return usage("not a passage", words[i]);
    if (!next && begins)
      options->begins[options->processes++] = options->count;
    if (!next)
      options->count++;
    begins = next;
  }
  return begins ? usage("a passage is needed", count > 0 ? words[count - 1] : NULL) : 0;
}

int options_read(int argc, char **argv, struct options *options) {
  int at = 1;
  for (; at < argc && strncmp(argv[at], "--", 2) == 0; at++) {
    int took = read_option(options, argv[at], argv[at + 1]);
    if (took == -2)
      return usage("unknown option", argv[at]);
    if (took == -1)
      return usage(argv[at], argv[at + 1]);
    at += took;
  }
  int64_t pid;
  if (!read_number(at < argc ? argv[at] : NULL, 1, 1 << 22, &pid))
    return usage("the id of a process is needed", at < argc ? argv[at] : NULL);
  options->pid = (pid_t)pid;
  return read_passages(argc - at - 1, argv + at + 1, options);
}
