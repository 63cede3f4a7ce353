/* A list of numbers that grows. */
#ifndef NUMBERS_H
#define NUMBERS_H

#include <stddef.h>

struct numbers {
  int *list;
  size_t count, capacity;
};

void numbers_add(struct numbers *numbers, int number);

#endif
