/*
 * A preload that keeps signals out of libgcc's look-up of a frame.
 *
 *   cc -O2 -shared -fPIC -o guard.so guard.c -ldl
 *   LD_PRELOAD=/path/to/guard.so program
 *
 * An unwinder of GCC 11 or older finds a frame's tables by dl_iterate_phdr. That takes the loader's lock and calls libgcc
 * back, which reads and reorders its list of recently used objects (frame_hdr_cache in libgcc/unwind-dw2-fde-dip.c) under
 * no other protection. A signal handler that unwinds in between waits for the lock for ever, or breaks the list. So as long
 * as a thread is in there, signals to it wait; they arrive when it comes out. What that covers and costs: README.md.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <link.h>
#include <signal.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/syscall.h>
#include <unistd.h>

typedef int callback(struct dl_phdr_info *, size_t, void *);
typedef int iterate(callback *, void *);

/* The kernel's own set of 64 signals: bit n - 1 stands for signal n. */
typedef uint64_t mask;

#define BIT(signal) ((mask)1 << ((signal)-1))

/* A thread's own fault cannot wait: were it blocked, the kernel would end the process past all handlers (force_sig). */
static const mask FAULTS = BIT(SIGSEGV) | BIT(SIGBUS) | BIT(SIGFPE) | BIT(SIGILL) | BIT(SIGTRAP) | BIT(SIGSYS);

/* Read from outside to see that the guard is at work. Threads may lose each other's counts: it tells whether, not how often. */
struct {
  char magic[16];
  volatile uint64_t calls;
} cgo_deadlock_guard = {"cgo-deadlock-grd", 0};

static iterate *real;

/* Not by pthread_sigmask, which always lets two signals of the C library's own through. */
static mask change_mask(int how, mask set) {
  mask before = 0;
  syscall(SYS_rt_sigprocmask, how, &set, &before, sizeof set);
  return before;
}

/* dlsym takes a lock of the loader's too, so it is called while no handler can be there yet. */
__attribute__((constructor)) static void find_real(void) {
  if (real == NULL)
    real = (iterate *)dlsym(RTLD_NEXT, "dl_iterate_phdr");
}

#ifdef GUARD_LOCKS_ONLY
/* For a test: signals wait while the lock is taken and given back, and are let in while libgcc reads its list. */
struct opened {
  callback *call;
  void *data;
  mask outside;
};

static int call_opened(struct dl_phdr_info *info, size_t size, void *data) {
  struct opened *opened = data;
  mask inside = change_mask(SIG_SETMASK, opened->outside);
  int result = opened->call(info, size, opened->data);
  change_mask(SIG_SETMASK, inside);
  return result;
}
#endif

int dl_iterate_phdr(callback *call, void *data) {
  mask outside = change_mask(SIG_BLOCK, ~FAULTS);
  cgo_deadlock_guard.calls++;
  find_real();
#ifdef GUARD_LOCKS_ONLY
  struct opened opened = {call, data, outside};
  int result = real(call_opened, &opened);
#else
  int result = real(call, data);
#endif
  change_mask(SIG_SETMASK, outside);
  return result;
}
