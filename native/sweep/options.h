/* The command line of the sweep; the head of sweep.c says what it means. */
#ifndef OPTIONS_H
#define OPTIONS_H

#include "passage.h"

enum { PASSAGES_MAX = 1024, AVOIDED_MAX = 16 };
enum keep { KEEP_ALL, KEEP_FAILED, KEEP_NONE };

struct options {
  pid_t pid;
  bool held;
  enum keep keep;
  const char *function;
  const char *observe;
  const char *avoid[AVOIDED_MAX];
  size_t avoided;
  enum until until;
  int64_t limit_ms, find_s, again_s;
  struct passage_plan plans[PASSAGES_MAX];
  int count;
  int begins[PASSAGES_MAX]; /* the first passage of each process */
  int processes;
};

/* 0, or the exit code for a command line that was refused; what was wrong is then said on standard error. */
int options_read(int argc, char **argv, struct options *options);

#endif
