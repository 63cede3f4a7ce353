/*
 * One passage: the swept thread goes, step by step, from the first instruction of the function to where the sweep of it
 * ends; for a throw, until its caller has caught, or the thread throws again.
 */
#ifndef PASSAGE_H
#define PASSAGE_H

#include "image.h"
#include "numbers.h"
#include "place.h"
#include "sample.h"
#include "tracee.h"

enum until { UNTIL_UNKNOWN, UNTIL_AGAIN, UNTIL_CAUGHT, UNTIL_RETURNED };

/* Where the breakpoints of a passage stand; they are needed only while a handler runs at full speed. */
enum { BREAK_SIGRETURN, BREAK_OBSERVE, BREAK_TERMINATE, BREAK_PLACE };

struct target {
  struct tracee tracee;
  struct images images;
  struct places places;
  uint64_t function;
  uint64_t observed;   /* the traceback function; 0 when there is none that is known */
  uint64_t terminate;  /* std::terminate, 0 when the program has none */
  uint64_t caught[BREAKPOINTS];
  size_t catchers;     /* definitions of __cxa_begin_catch */
  uint64_t sigreturn;  /* of the handler's trampoline */
  int sigreturn_of;    /* the signal that it was learnt by */
  uint64_t stack[2];   /* the alternative stack that its handlers run on, zeros when they run on the thread's own */
  enum until until;
  uint64_t plain;      /* steps of a passage without signals; 0 while not known */
  uint64_t avoid[64][2]; /* no signal is sent while the pc is in one of these ranges */
  size_t avoided;
  int64_t limit_ns;    /* no answer for so long is looked into */
};

enum passage_kind { PASSAGE_SKIP, PASSAGE_PLAIN, PASSAGE_SIGNALS, PASSAGE_ALONE, PASSAGE_LOCKS, PASSAGE_SAMPLE };

struct passage_plan {
  enum passage_kind kind;
  int signal;
  uint64_t stride;
  uint64_t start;
  uint64_t samples;
  /* Of PASSAGE_ALONE: an instruction, as its file was linked, and how often the thread is to have come to it, from 1. */
  const char *file;
  size_t file_length;
  uint64_t offset;
  int turn;
};

enum failure { FAILURE_NONE, FAILURE_DEADLOCK, FAILURE_LIVELOCK, FAILURE_CRASH, FAILURE_TERMINATE };

/* Why a passage cannot say anything, NULL when it can. */
typedef const char *trouble;

enum phase { PHASE_HANDLER, PHASE_AFTER };

struct access {
  uint64_t memory;
  const char *kind;
  int place;
  struct numbers stack; /* places, the innermost call first */
};

struct passage {
  struct passage_plan plan;
  uint64_t steps;  /* single steps made */
  uint64_t rounds; /* those of them that stayed at a repeated string instruction */
  uint64_t signals, entered, returned;
  uint64_t avoided;
  uint64_t calls;   /* system calls made on the way */
  enum until ended;
  uint64_t caught_at; /* step at which the caller had caught, 0 when it has not; what had been counted by then: */
  uint64_t caught_rounds;
  size_t caught_places, caught_shut;
  int64_t ns;
  struct numbers places; /* of each instruction (plain), of each that was interrupted, or of each sample */
  struct numbers at;     /* steps of the interrupted ones */
  struct numbers turns;  /* how often the thread had come to that instruction by then, from 1 */
  struct numbers visits; /* by place: how often it has come there */
  /* Where the thread had the signal blocked when its turn came, so that none can arrive: places and turns. */
  struct numbers shut, shut_turns;
  struct numbers calls_made; /* a plain passage's: for each call the step that made it, and the first one after its return */
  struct access *in_throw, *in_handler; /* of PASSAGE_LOCKS */
  size_t throw_accesses, handler_accesses;
  uint64_t handler_steps;
  /* When it failed: */
  enum failure failure;
  enum phase phase;
  uint64_t failed_step;
  int failed_place;
  int waiting_place;  /* where the thread is now */
  int fault;          /* number of the signal it was about to die of */
  struct sample samples[2];
  int64_t waited_ns;
  struct numbers spin; /* places that it was seen at */
  /* When it ended without an answer: */
  trouble trouble;
  bool gone, asked;
};

#endif
