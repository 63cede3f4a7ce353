#include "tell.h"

#include <string.h>

static const char *const KINDS[] = {"skip", "plain", "signals", "alone", "locks", "sample"};
static const char *const ENDS[] = {NULL, "again", "caught", "returned"};
static const char *const FAILURES[] = {NULL, "deadlock", "livelock", "crash", "terminate"};

static void numbers(struct json *json, const char *key, const struct numbers *numbers) {
  json_open(json, key, '[');
  for (size_t i = 0; i < numbers->count; i++)
    json_element(json, numbers->list[i]);
  json_close(json, ']');
}

static void place(struct json *json, const char *key, int number) {
  if (number < 0)
    json_null(json, key);
  else
    json_number(json, key, number);
}

void tell_ready(struct json *json, struct target *target, int process, bool held) {
  int function = places_number(&target->places, target->function);
  int observed = target->observed == 0 ? -1 : places_number(&target->places, target->observed);
  places_tell(&target->places, &target->images, json);
  json_event(json, "ready", 0);
  json_number(json, "version", 1);
  json_number(json, "process", process);
  json_number(json, "pid", target->tracee.pid);
  json_number(json, "tid", target->tracee.tid);
  json_bool(json, "held", held);
  json_number(json, "function", function);
  place(json, "observed", observed);
  json_end(json);
}

static void tell_sample(struct json *json, const struct sample *sample) {
  const char state[2] = {sample->state, 0};
  json_open(json, NULL, '{');
  json_text(json, "state", state[0] == 0 ? NULL : state);
  json_text(json, "syscall", sample->syscall);
  json_hex(json, "blocked", true, sample->blocked);
  json_number(json, "cpuNs", (int64_t)sample->cpu_ns);
  json_close(json, '}');
}

static void tell_failure(struct json *json, const struct passage *passage) {
  json_open(json, "failure", '{');
  json_text(json, "kind", FAILURES[passage->failure]);
  json_text(json, "phase", passage->phase == PHASE_HANDLER ? "handler" : "after");
  json_number(json, "step", (int64_t)passage->failed_step);
  place(json, "place", passage->failed_place);
  place(json, "waiting", passage->waiting_place);
  json_number(json, "fault", passage->fault);
  json_number(json, "waitedNs", passage->waited_ns);
  json_open(json, "samples", '[');
  for (int i = 0; i < 2 && passage->samples[i].state != 0; i++)
    tell_sample(json, &passage->samples[i]);
  json_close(json, ']');
  numbers(json, "spin", &passage->spin);
  json_close(json, '}');
}

static void tell_access(struct json *json, const char *key, struct target *target, const struct access *access) {
  const struct image *image = images_find(&target->images, access->memory);
  const struct symbol *symbol = image == NULL ? NULL : image_name(image, access->memory);
  json_open(json, key, '{');
  json_hex(json, "memory", true, access->memory);
  json_text(json, "symbol", symbol == NULL ? NULL : symbol->name);
  json_number(json, "symbolOffset", symbol == NULL ? 0 : (int64_t)(access->memory - symbol->address));
  json_text(json, "kind", access->kind);
  json_number(json, "place", access->place);
  numbers(json, "stack", &access->stack);
  json_close(json, '}');
}

/* Memory that both the swept code and the handler change under a lock of the bus. */
static void tell_shared(struct json *json, struct target *target, const struct passage *passage) {
  json_number(json, "handlerSteps", (int64_t)passage->handler_steps);
  json_open(json, "shared", '[');
  for (size_t t = 0; t < passage->throw_accesses; t++)
    for (size_t h = 0; h < passage->handler_accesses; h++)
      if (passage->in_throw[t].memory == passage->in_handler[h].memory) {
        json_open(json, NULL, '{');
        tell_access(json, "swept", target, &passage->in_throw[t]);
        tell_access(json, "handler", target, &passage->in_handler[h]);
        json_close(json, '}');
      }
  json_close(json, ']');
}

void tell_passage(struct json *json, struct target *target, const struct passage *passage, int index) {
  places_tell(&target->places, &target->images, json);
  json_event(json, "passage", 0);
  json_number(json, "index", index);
  json_text(json, "kind", KINDS[passage->plan.kind]);
  json_number(json, "signal", passage->plan.signal);
  json_number(json, "stride", (int64_t)passage->plan.stride);
  json_number(json, "start", (int64_t)passage->plan.start);
  json_number(json, "steps", (int64_t)passage->steps);
  json_number(json, "rounds", (int64_t)passage->rounds);
  json_number(json, "signals", (int64_t)passage->signals);
  json_number(json, "entered", (int64_t)passage->entered);
  json_number(json, "returned", (int64_t)passage->returned);
  json_number(json, "blocked", (int64_t)passage->shut.count);
  json_number(json, "avoided", (int64_t)passage->avoided);
  json_number(json, "systemCalls", (int64_t)passage->calls);
  json_number(json, "heldBack", target->tracee.stashed + target->tracee.lost);
  json_text(json, "ended", ENDS[passage->ended]);
  json_number(json, "caughtAt", (int64_t)passage->caught_at);
  json_number(json, "ns", passage->ns);
  numbers(json, "at", &passage->at);
  numbers(json, "turns", &passage->turns);
  numbers(json, "places", &passage->places);
  numbers(json, "shut", &passage->shut);
  numbers(json, "shutTurns", &passage->shut_turns);
  if (passage->plan.kind == PASSAGE_PLAIN)
    numbers(json, "calls", &passage->calls_made);
  if (passage->plan.kind == PASSAGE_LOCKS)
    tell_shared(json, target, passage);
  if (passage->failure == FAILURE_NONE)
    json_null(json, "failure");
  else
    tell_failure(json, passage);
  json_text(json, "trouble", passage->trouble);
  json_end(json);
}

void tell_end(struct json *json, const char *reason, const char *detail) {
  json_event(json, "end", 0);
  json_text(json, "reason", reason);
  json_text(json, "detail", detail);
  json_end(json);
}
