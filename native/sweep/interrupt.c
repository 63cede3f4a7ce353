#include "interrupt.h"

#include <signal.h>

#include "instruction.h"

/*
 * The frame that the kernel makes on amd64: after the trampoline's address was taken off, the stack pointer is at a ucontext
 * (Linux, arch/x86/include/uapi/asm/ucontext.h: flags, link, the alternative stack, then the registers; rip follows rsp).
 */
enum { CONTEXT_STACK = 16, CONTEXT_RSP = 40 + 15 * 8 };

enum { JUMP_STEPS = 20000 };

/* At a handler's first instruction: which stack is it on? */
static void learn_stack(struct target *target) {
  struct { uint64_t from; int flags; uint64_t size; } stack = {0};
  uint64_t rsp = target->tracee.regs.rsp;
  target->stack[0] = target->stack[1] = 0;
  /* The trampoline's address is still on it. */
  if (!tracee_read(target->tracee.pid, rsp + 8 + CONTEXT_STACK, &stack, sizeof stack) || rsp - stack.from >= stack.size)
    return;
  target->stack[0] = stack.from;
  target->stack[1] = stack.from + stack.size;
}

/* Finds the trampoline by the handler's return address, on the stack at its first instruction. */
static bool learn_sigreturn(struct course *course, int signal) {
  struct target *target = course->target;
  unsigned char bytes[16];
  uint64_t trampoline = 0;
  if (!course_go_on(course, REQUEST_STEP, signal))
    return false;
  int at = tracee_read(target->tracee.pid, target->tracee.regs.rsp, &trampoline, sizeof trampoline) &&
                   tracee_read(target->tracee.pid, trampoline, bytes, sizeof bytes)
               ? instruction_sigreturn(bytes, sizeof bytes)
               : -1;
  if (at < 0) {
    course->passage->trouble = "the handler's return address leads to no sigreturn";
    return false;
  }
  learn_stack(target);
  target->sigreturn = trampoline + (uint64_t)at;
  target->sigreturn_of = signal;
  if (!tracee_break(target->tracee.tid, BREAK_SIGRETURN, target->sigreturn)) {
    course->passage->trouble = "no breakpoint register can be had";
    return false;
  }
  /* The handler may be the traceback function itself. */
  if (target->tracee.regs.rip == target->observed)
    course->passage->entered++;
  return course_go_on(course, REQUEST_CONTINUE, 0);
}

/* At a sigreturn: does it lead back to where the sweep's signal came? A handler may be interrupted itself. */
static bool leads_back(const struct target *target, const struct user_regs_struct *to) {
  struct { uint64_t rsp, rip; } back;
  return tracee_read(target->tracee.pid, target->tracee.regs.rsp + CONTEXT_RSP, &back, sizeof back) && back.rip == to->rip &&
         back.rsp == to->rsp;
}

/* Deeper than its handler's frame, on whichever stack that is? */
static bool is_in_handler(const struct target *target, const struct user_regs_struct *from) {
  uint64_t rsp = target->tracee.regs.rsp;
  return target->stack[0] == 0 ? rsp <= from->rsp : target->stack[0] <= rsp && rsp < target->stack[1];
}

/*
 * A handler that jumps out of itself (longjmp) leaves its frame behind, and the mask that the kernel had set for it. The
 * thread may be deep in other calls by now, so one that runs is followed until it comes up.
 */
static bool has_jumped_out(struct target *target, int signal, const struct user_regs_struct *from, bool runs) {
  if (tracee_blocks(&target->tracee, signal))
    return false;
  for (int i = 0; is_in_handler(target, from); i++)
    if (!runs || i == JUMP_STEPS || tracee_resume(&target->tracee, REQUEST_STEP, 0, target->limit_ns) != STOP_TRAP)
      return false;
  return true;
}

/* A hang that is none, since the handler is over. */
static void look_for_jump(struct course *course, const struct user_regs_struct *from) {
  struct passage *passage = course->passage;
  bool runs = passage->failure == FAILURE_LIVELOCK;
  if (!runs && passage->failure != FAILURE_DEADLOCK)
    return;
  if (!has_jumped_out(course->target, passage->plan.signal, from, runs))
    return;
  passage->failure = FAILURE_NONE;
  passage->trouble = "the handler does not return but jumps out of itself (longjmp)";
}

void interrupt_here(struct course *course) {
  struct target *target = course->target;
  struct passage *passage = course->passage;
  struct user_regs_struct here = target->tracee.regs;
  uint64_t step = passage->steps;
  int signal = passage->plan.signal;
  bool entered = false;
  passage->signals++;
  bool stopped = target->sigreturn_of == signal ? course_go_on(course, REQUEST_CONTINUE, signal) : learn_sigreturn(course, signal);
  while (stopped) {
    uint64_t pc = target->tracee.regs.rip;
    if (pc == target->sigreturn && leads_back(target, &here))
      break;
    if (pc == target->observed && !entered) {
      entered = true;
      passage->entered++;
    }
    if (pc == target->terminate && pc != 0) {
      passage->failure = FAILURE_TERMINATE;
      passage->waiting_place = places_number(&target->places, pc);
      stopped = false;
    } else {
      stopped = course_go_on(course, REQUEST_CONTINUE, 0);
    }
  }
  if (stopped && course_go_on(course, REQUEST_STEP, 0)) {
    if (target->tracee.regs.rip == here.rip && target->tracee.regs.rsp == here.rsp) {
      passage->returned++;
      return;
    }
    passage->trouble = "the handler returned to another place than it had interrupted";
  }
  look_for_jump(course, &here);
  course_fail_at(course, PHASE_HANDLER, step, here.rip);
}

void interrupt_stepwise(struct course *course, struct trail *trail) {
  struct target *target = course->target;
  struct user_regs_struct here = target->tracee.regs;
  uint64_t made = 0;
  /* A step stops at a breakpoint's instruction twice: before it by the step, and again by the breakpoint. */
  tracee_clear(target->tracee.tid);
  course->passage->signals++;
  if (!course_go_on(course, REQUEST_STEP, course->passage->plan.signal))
    return;
  for (; !course_is_over(course); made++) {
    unsigned char bytes[16];
    uint64_t pc = target->tracee.regs.rip;
    if (tracee_read(target->tracee.pid, pc - 7, bytes, sizeof bytes) &&
        (instruction_sigreturn(bytes, 9) == 7 || instruction_sigreturn(bytes + 2, 7) == 5) && leads_back(target, &here))
      break;
    if (pc == target->observed && pc != 0)
      course->passage->entered++;
    trail_note(trail, target);
    calls_note(&trail->calls, target);
    if (!course_go_on(course, REQUEST_STEP, 0))
      return;
    calls_follow(&trail->calls, target, made + 1, NULL);
    if (made > STEPS_MAX)
      course->passage->trouble = "the handler did not come to its end";
  }
  course->passage->handler_steps = made;
  if (!course_is_over(course) && course_go_on(course, REQUEST_STEP, 0))
    course->passage->returned++;
}
