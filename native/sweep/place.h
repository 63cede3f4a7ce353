/* A number for each address met, so that ten thousand of them are told in short. */
#ifndef PLACE_H
#define PLACE_H

#include "../progress/json.h"
#include "image.h"

/* What an instruction is to a sweep; code does not change, so it is read once. */
enum instruction { INSTRUCTION_UNREAD, INSTRUCTION_PLAIN, INSTRUCTION_CALL, INSTRUCTION_REPEATED };

struct place {
  uint64_t address;
  int number;
};

struct places {
  struct place *slots; /* open addressing by address */
  size_t capacity;
  uint64_t *addresses; /* by number */
  unsigned char *instructions; /* by number: enum instruction */
  int count;
  int told;            /* how many of them have been printed */
  size_t images_told;
};

int places_number(struct places *places, uint64_t address);

/* The instruction at a place of the process. */
enum instruction places_instruction(struct places *places, int number, pid_t pid);

/* Prints what is new: files (`image` events), then addresses (`places`: image, offset in its file, symbol, offset in that). */
void places_tell(struct places *places, const struct images *images, struct json *json);

#endif
