#include "clock.h"

#include <signal.h>
#include <stddef.h>
#include <sys/time.h>
#include <time.h>

static volatile sig_atomic_t asked;

int64_t clock_ns(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return time.tv_sec * SECOND_NS + time.tv_nsec;
}

void clock_sleep(int64_t ns) {
  struct timespec time = {ns / SECOND_NS, ns % SECOND_NS};
  nanosleep(&time, NULL);
}

static void wake(int signal) { (void)signal; }

static void ask(int signal) {
  (void)signal;
  asked = 1;
}

void clock_start(void) {
  static const int ends[] = {SIGTERM, SIGINT, SIGHUP};
  struct sigaction action = {.sa_handler = wake}; /* no SA_RESTART */
  struct itimerval timer = {{0, TICK_MS * 1000}, {0, TICK_MS * 1000}};
  sigaction(SIGALRM, &action, NULL);
  action.sa_handler = ask;
  for (size_t i = 0; i < sizeof ends / sizeof *ends; i++)
    sigaction(ends[i], &action, NULL);
  signal(SIGPIPE, SIG_IGN);
  setitimer(ITIMER_REAL, &timer, NULL);
}

bool clock_asked_to_end(void) { return asked != 0; }

void clock_ask_to_end(void) { asked = 1; }
