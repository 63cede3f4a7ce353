/* Which file lies at an address: a process's memory map, read when needed and kept. */
#ifndef MAPS_H
#define MAPS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct mapping {
  uint64_t from, to, offset;
  size_t name; /* into `names`; 0 is the empty one of anonymous memory */
};

struct maps {
  struct mapping *list;
  size_t count, capacity;
  char *names;
  size_t names_length, names_capacity;
  int64_t read_at; /* ms; 0 when never read */
};

/*
 * The mapping at an address or NULL; `now` in ms. An address that the kept map does not know makes it be read again, at
 * most once a second, and an old map is not trusted for longer than ten.
 */
const struct mapping *maps_find(struct maps *maps, int process_directory, uint64_t address, int64_t now);

/* Its file, or `[heap]`, `[stack]`, `[vdso]`; NULL for anonymous memory. */
const char *maps_name(const struct maps *maps, const struct mapping *mapping);

void maps_forget(struct maps *maps);

#endif
