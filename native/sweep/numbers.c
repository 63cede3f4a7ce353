#include "numbers.h"

#include <stdlib.h>

void numbers_add(struct numbers *numbers, int number) {
  if (numbers->count == numbers->capacity) {
    numbers->capacity = numbers->capacity * 2 + 256;
    numbers->list = realloc(numbers->list, numbers->capacity * sizeof *numbers->list);
    if (numbers->list == NULL)
      abort();
  }
  numbers->list[numbers->count++] = number;
}
