/*
 * gate [--again N] PROGRAM ARGUMENTS…
 *
 * Holds a program at its very beginning: waits until a debugger or another tracer has attached to this process, then
 * becomes the program, with the same arguments and environment, found on PATH as execvp finds it. A tracer that stops
 * at the exec has it before its first instruction.
 *
 * It does not stop itself with SIGSTOP: a stop can be ended only by a signal, which needs the right to send one, and a
 * process that is let go by its tracer falls back into it. Waiting for a tracer needs the right to trace and no more,
 * and no signal ever reaches the program. The tracer must share this process's pid namespace, or it is not seen.
 *
 * With --again it stays, and holds N programs at a time instead of one: when one ends, however that came, the next is made
 * ready. A process that waits for its tracer is named `gate-waits`.
 *
 * Ends with 125 when nobody has come after two minutes or the wait is impossible, 126 when the program cannot be run, 127
 * when it is not there.
 */
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { STEP_NS = 2000000, PATIENCE_S = 120, SIDE_BY_SIDE_MAX = 64 };

/* 1 when traced, 0 when not, -1 when that cannot be told. */
static int is_traced(void) {
  static const char key[] = "TracerPid:";
  char line[256];
  int traced = -1;
  FILE *status = fopen("/proc/self/status", "re");
  if (status == NULL)
    return -1;
  while (traced < 0 && fgets(line, sizeof line, status) != NULL)
    if (strncmp(line, key, sizeof key - 1) == 0)
      traced = atoi(line + sizeof key - 1) != 0;
  fclose(status);
  return traced;
}

/* NULL when a tracer has come, else why there is no use in waiting on. */
static const char *wait_for_tracer(void) {
  struct timespec begun, now, step = {0, STEP_NS};
  clock_gettime(CLOCK_MONOTONIC, &begun);
  for (;;) {
    int traced = is_traced();
    if (traced < 0)
      return "/proc/self/status cannot be read, so the arrival of a debugger cannot be seen";
    if (traced)
      return NULL;
    clock_gettime(CLOCK_MONOTONIC, &now);
    if (now.tv_sec - begun.tv_sec >= PATIENCE_S)
      return "no debugger has attached for two minutes";
    nanosleep(&step, NULL);
  }
}

/* Waits for a tracer, then is the program; returns only when that failed. */
static int hold(char **program) {
  prctl(PR_SET_NAME, "gate-waits");
  const char *trouble = wait_for_tracer();
  if (trouble != NULL) {
    fprintf(stderr, "gate: %s: the program was not started\n", trouble);
    return 125;
  }
  execvp(program[0], program);
  int error = errno;
  fprintf(stderr, "gate: cannot run %s: %s\n", program[0], strerror(error));
  return error == ENOENT ? 127 : 126;
}

static bool is_ours(int status) {
  return WIFEXITED(status) && WEXITSTATUS(status) >= 125 && WEXITSTATUS(status) <= 127;
}

/* Keeps `count` programs ready until one could not be held or run: the next would fare no better. */
static int hold_again(int count, char **program) {
  int held = 0, status = 0;
  for (;;) {
    while (held < count) {
      pid_t child = fork();
      if (child == 0)
        _exit(hold(program));
      if (child < 0) {
        fprintf(stderr, "gate: cannot make a process: %s\n", strerror(errno));
        return 125;
      }
      held++;
    }
    if (wait(&status) > 0)
      held--;
    if (is_ours(status))
      return WEXITSTATUS(status);
  }
}

static int usage(const char *wrong) {
  fprintf(stderr, "gate: %s\nusage: gate [--again N] PROGRAM ARGUMENTS...\n", wrong);
  return 125;
}

int main(int argc, char **argv) {
  if (argc > 1 && strcmp(argv[1], "--again") == 0) {
    int count = argc > 2 ? atoi(argv[2]) : 0;
    if (count < 1 || count > SIDE_BY_SIDE_MAX)
      return usage("--again needs a number from 1 to 64");
    return argc > 3 ? hold_again(count, argv + 3) : usage("no program given");
  }
  return argc > 1 ? hold(argv + 1) : usage("no program given");
}
