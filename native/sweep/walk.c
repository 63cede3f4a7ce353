#include "walk.h"

#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>

#include "clock.h"
#include "course.h"
#include "interrupt.h"
#include "locks.h"

/* What comes after the catch and before the next throw belongs to the passage only when it is short. */
enum { TAIL_STEPS = 4000, LIVELOCK_FACTOR = 20, LIVELOCK_MORE = 20000, SAMPLE_MAX_US = 200 };

static bool is_avoided(const struct target *target, uint64_t pc) {
  for (size_t i = 0; i < target->avoided; i++)
    if (target->avoid[i][0] <= pc && pc < target->avoid[i][1])
      return true;
  return false;
}

/*
 * How often the thread has now come to this instruction. A handler may change the way of the throw it interrupted (libgcc's
 * list of recently used objects has another order then), so a step's number tells less of what it is than its turn.
 */
static int count_visit(struct passage *passage, int place) {
  while (passage->visits.count <= (size_t)place)
    numbers_add(&passage->visits, 0);
  return ++passage->visits.list[place];
}

/* The thread stands at an instruction whose turn has come: sends the signal if it can be sent there. */
static void send_signal(struct course *course, int place, int turn) {
  struct target *target = course->target;
  struct passage *passage = course->passage;
  if (is_avoided(target, target->tracee.regs.rip)) {
    passage->avoided++;
    return;
  }
  if (tracee_blocks(&target->tracee, passage->plan.signal)) {
    numbers_add(&passage->shut, place);
    numbers_add(&passage->shut_turns, turn);
    return;
  }
  numbers_add(&passage->at, (int)passage->steps);
  numbers_add(&passage->turns, turn);
  numbers_add(&passage->places, place);
  interrupt_here(course);
}

/* Sends the signal when this instruction's turn has come and it can be sent. */
static void try_signal(struct course *course, int place) {
  struct passage *passage = course->passage;
  uint64_t step = passage->steps;
  if (passage->plan.kind != PASSAGE_SIGNALS)
    return;
  int turn = count_visit(passage, place);
  if (step < passage->plan.start || (step - passage->plan.start) % passage->plan.stride != 0)
    return;
  send_signal(course, place, turn);
}

static bool read_return(const struct target *target, uint64_t *address) {
  return tracee_read(target->tracee.pid, target->tracee.regs.rsp, address, sizeof *address);
}

/* __cxa_begin_catch is called by the handler's code of the function that catches; when it returns, the throw is over. */
static void watch_catch(struct course *course) {
  const struct user_regs_struct *regs = &course->target->tracee.regs;
  for (size_t i = 0; i < course->target->catchers; i++)
    if (course->target->caught[i] == regs->rip && read_return(course->target, &course->catching_to))
      course->catching_rsp = regs->rsp;
  if (course->catching_to != 0 && regs->rip == course->catching_to && regs->rsp == course->catching_rsp + 8) {
    course->catching_to = 0;
    if (course->passage->caught_at != 0)
      return;
    course->passage->caught_at = course->passage->steps;
    course->passage->caught_rounds = course->passage->rounds;
    course->passage->caught_places = course->passage->places.count;
    course->passage->caught_shut = course->passage->shut.count;
  }
}

/* At the function again, and not by a call from within it? */
static bool is_back(const struct course *course) {
  const struct user_regs_struct *regs = &course->target->tracee.regs;
  return regs->rip == course->target->function && regs->rsp >= course->first.rsp;
}

/* Where the passage ends, UNTIL_UNKNOWN while it does not. */
static enum until end_of(struct course *course) {
  const struct target *target = course->target;
  const struct passage *passage = course->passage;
  const struct user_regs_struct *regs = &target->tracee.regs;
  if (passage->steps == 0)
    return UNTIL_UNKNOWN;
  if (is_back(course))
    return UNTIL_AGAIN;
  if (regs->rip == course->returns_to && regs->rsp == course->first.rsp + 8)
    return UNTIL_RETURNED;
  if (passage->caught_at == 0 || target->until == UNTIL_AGAIN)
    return UNTIL_UNKNOWN;
  bool long_tail = passage->steps >= passage->caught_at + TAIL_STEPS;
  return target->until == UNTIL_CAUGHT || long_tail ? UNTIL_CAUGHT : UNTIL_UNKNOWN;
}

static bool is_too_long(const struct course *course) {
  uint64_t plain = course->target->plain, made = course->passage->steps;
  return made > (plain == 0 ? STEPS_MAX : plain * LIVELOCK_FACTOR + LIVELOCK_MORE);
}

/* Far beyond its plain number of steps: a circle. Its places are taken from the steps themselves. */
static void find_circle(struct course *course) {
  struct target *target = course->target;
  for (int i = 0; i < 64 && course_go_on(course, REQUEST_STEP, 0); i++)
    numbers_add(&course->passage->spin, places_number(&target->places, target->tracee.regs.rip));
  if (course_is_over(course))
    return;
  course->passage->samples[0] = sample_read(target->tracee.pid, target->tracee.tid);
  course->passage->samples[1] = course->passage->samples[0];
  if (course->passage->signals == 0) {
    course->passage->trouble = "the function did not come to its end";
    return;
  }
  course->passage->failure = FAILURE_LIVELOCK;
  course->passage->waiting_place = places_number(&target->places, target->tracee.regs.rip);
}

/* A plain passage tells where each of its steps began. */
static void note_place(struct course *course, int place) {
  if (course->passage->plan.kind == PASSAGE_PLAIN)
    numbers_add(&course->passage->places, place);
}

/* One instruction, with all rounds that it may have: a repeated one stays where it is until the last. */
static void make_step(struct course *course, int place) {
  struct target *target = course->target;
  uint64_t pc = target->tracee.regs.rip;
  enum instruction instruction = places_instruction(&target->places, place, target->tracee.pid);
  course->passage->calls += instruction == INSTRUCTION_CALL;
  while (course_go_on(course, REQUEST_STEP, 0)) {
    course->passage->steps++;
    if (instruction != INSTRUCTION_REPEATED || target->tracee.regs.rip != pc)
      return;
    course->passage->rounds++;
    note_place(course, place);
  }
}

/* The last signal's instruction is the one to be named when the thread fails after its handler has returned. */
static void blame_last(struct course *course) {
  struct passage *passage = course->passage;
  if (passage->failure == FAILURE_NONE && passage->trouble == NULL)
    return;
  if (passage->failed_place >= 0)
    return;
  passage->phase = PHASE_AFTER;
  passage->failed_step = passage->at.count == 0 ? 0 : (uint64_t)passage->at.list[passage->at.count - 1];
  passage->failed_place = passage->places.count == 0 ? -1 : passage->places.list[passage->places.count - 1];
}

/* A tail in which no other throw came belongs to the program that caught, and not to the throw. */
static void leave_out_tail(struct passage *passage) {
  if (passage->ended != UNTIL_CAUGHT)
    return;
  passage->steps = passage->caught_at;
  passage->rounds = passage->caught_rounds;
  if (passage->places.count > passage->caught_places)
    passage->places.count = passage->caught_places;
  if (passage->shut.count > passage->caught_shut)
    passage->shut.count = passage->shut_turns.count = passage->caught_shut;
}

static void walk(struct course *course, struct trail *trail) {
  struct target *target = course->target;
  struct passage *passage = course->passage;
  struct calls own = {0}, *calls = trail == NULL ? &own : &trail->calls;
  struct numbers *made = passage->plan.kind == PASSAGE_PLAIN ? &passage->calls_made : NULL;
  bool follows = made != NULL || trail != NULL;
  while (!course_is_over(course)) {
    watch_catch(course);
    passage->ended = end_of(course);
    if (passage->ended != UNTIL_UNKNOWN) {
      leave_out_tail(passage);
      calls_end(calls, passage->steps, made);
      return;
    }
    if (target->terminate != 0 && target->tracee.regs.rip == target->terminate) {
      passage->failure = FAILURE_TERMINATE;
      passage->waiting_place = places_number(&target->places, target->tracee.regs.rip);
    } else if (is_too_long(course)) {
      find_circle(course);
    } else {
      int place = places_number(&target->places, target->tracee.regs.rip);
      note_place(course, place);
      try_signal(course, place);
      if (trail != NULL)
        trail_note(trail, target);
      calls_note(calls, target);
      if (!course_is_over(course))
        make_step(course, place);
      if (follows && !course_is_over(course))
        calls_follow(calls, target, passage->steps, made);
    }
  }
}

/* The address of an instruction, 0 when its file is not mapped. */
static uint64_t find_place(const struct target *target, const struct passage_plan *plan) {
  for (size_t i = 0; i < target->images.count; i++) {
    const struct image *image = &target->images.list[i];
    if (strlen(image->path) == plan->file_length && strncmp(image->path, plan->file, plan->file_length) == 0)
      return image->bias + plan->offset;
  }
  return 0;
}

/*
 * Lets the thread run free until it has come to the address so many times; false when the passage is over before. A repeated
 * instruction is left step by step: a breakpoint may stop at each of its rounds.
 */
static bool run_to(struct course *course, uint64_t address, int place, int turns) {
  struct target *target = course->target;
  pid_t tid = target->tracee.tid;
  bool repeated = places_instruction(&target->places, place, target->tracee.pid) == INSTRUCTION_REPEATED;
  int turn = target->tracee.regs.rip == address;
  if (turn < turns) {
    /* A breakpoint at where it stands would stop it there again. */
    make_step(course, places_number(&target->places, target->tracee.regs.rip));
    turn += target->tracee.regs.rip == address;
  }
  bool goes = !course_is_over(course) && tracee_break(tid, BREAK_PLACE, address) && tracee_break(tid, BREAK_SIGRETURN, target->function);
  while (goes && turn < turns) {
    if (repeated && target->tracee.regs.rip == address)
      make_step(course, place);
    goes = !course_is_over(course) && course_go_on(course, REQUEST_CONTINUE, 0);
    uint64_t pc = target->tracee.regs.rip;
    turn += goes && pc == address;
    if (pc != address && is_back(course))
      break;
  }
  tracee_break(tid, BREAK_PLACE, 0);
  tracee_break(tid, BREAK_SIGRETURN, target->sigreturn);
  return turn == turns && !course_is_over(course);
}

/* After the handler: lets it run free until it comes to the function again. */
static void run_out(struct course *course) {
  const struct target *target = course->target;
  struct passage *passage = course->passage;
  tracee_break(target->tracee.tid, BREAK_PLACE, target->function);
  while (course_go_on(course, REQUEST_CONTINUE, 0)) {
    uint64_t pc = target->tracee.regs.rip;
    if (is_back(course)) {
      passage->ended = UNTIL_AGAIN;
      return;
    }
    if (pc == target->terminate && pc != 0) {
      passage->failure = FAILURE_TERMINATE;
      passage->waiting_place = places_number(&course->target->places, pc);
      return;
    }
  }
}

/* One signal at one instruction. Nothing is stepped, so that it takes no longer than the throw itself. */
static void signal_alone(struct course *course) {
  struct passage *passage = course->passage;
  uint64_t address = find_place(course->target, &passage->plan);
  int place = places_number(&course->target->places, address);
  if (address == 0)
    passage->trouble = "the file of that instruction is not mapped";
  else if (run_to(course, address, place, passage->plan.turn))
    send_signal(course, place, passage->plan.turn);
  if (!course_is_over(course) && passage->signals > 0)
    run_out(course);
}

static void look_for_locks(struct course *course) {
  struct trail handler = {0}, throw = {0};
  interrupt_stepwise(course, &handler);
  if (!course_is_over(course))
    walk(course, &throw);
  course->passage->in_handler = trail_take(&handler, &course->passage->handler_accesses);
  course->passage->in_throw = trail_take(&throw, &course->passage->throw_accesses);
}

/* Where a signal would find the thread: it runs free and is stopped at random moments, as by a timer's interrupt. */
static void sample_places(struct course *course) {
  struct target *target = course->target;
  unsigned seed = (unsigned)clock_ns();
  tracee_clear(target->tracee.tid);
  ptrace(PTRACE_CONT, target->tracee.tid, NULL, NULL);
  for (uint64_t i = 0; i < course->passage->plan.samples; i++) {
    clock_sleep((20 + rand_r(&seed) % SAMPLE_MAX_US) * INT64_C(1000));
    if (clock_asked_to_end()) {
      course->passage->asked = true;
      break;
    }
    if (!tracee_interrupt(&target->tracee)) {
      course->passage->gone = true;
      return;
    }
    numbers_add(&course->passage->places, places_number(&target->places, target->tracee.regs.rip));
    if (i + 1 < course->passage->plan.samples)
      ptrace(PTRACE_CONT, target->tracee.tid, NULL, NULL);
  }
}

void passage_make(struct target *target, struct passage *passage) {
  struct course course = {.target = target, .passage = passage, .first = target->tracee.regs};
  int64_t begun = clock_ns();
  passage->failed_place = passage->waiting_place = -1;
  read_return(target, &course.returns_to);
  bool armed = tracee_break(target->tracee.tid, BREAK_SIGRETURN, target->sigreturn) &&
               tracee_break(target->tracee.tid, BREAK_OBSERVE, target->observed) &&
               tracee_break(target->tracee.tid, BREAK_TERMINATE, target->terminate);
  if (!armed)
    passage->trouble = "no breakpoint register can be had";
  else if (passage->plan.kind == PASSAGE_SAMPLE)
    sample_places(&course);
  else if (passage->plan.kind == PASSAGE_ALONE)
    signal_alone(&course);
  else if (passage->plan.kind == PASSAGE_LOCKS)
    look_for_locks(&course);
  else if (passage->plan.kind != PASSAGE_SKIP)
    walk(&course, NULL);
  blame_last(&course);
  passage->ns = clock_ns() - begun;
}

void passage_forget(struct passage *passage) {
  free(passage->places.list);
  free(passage->at.list);
  free(passage->turns.list);
  free(passage->visits.list);
  free(passage->shut.list);
  free(passage->shut_turns.list);
  free(passage->spin.list);
  free(passage->calls_made.list);
  accesses_forget(passage->in_throw, passage->throw_accesses);
  accesses_forget(passage->in_handler, passage->handler_accesses);
  memset(passage, 0, sizeof *passage);
}
