#include "maps.h"

#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { MAPS_BYTES_MAX = 32 << 20, MISS_MS = 1000, OLD_MS = 10000 };

static bool grow(void **memory, size_t *capacity, size_t wanted, size_t unit) {
  if (wanted <= *capacity)
    return true;
  size_t larger = wanted * 2 + 64;
  void *moved = realloc(*memory, larger * unit);
  if (moved == NULL)
    return false;
  *memory = moved;
  *capacity = larger;
  return true;
}

/* Keeps a name once when it is the one before it, as the parts of one file follow each other. */
static size_t keep_name(struct maps *maps, const char *name) {
  if (*name == 0)
    return 0;
  if (maps->count > 0) {
    size_t before = maps->list[maps->count - 1].name;
    if (before != 0 && strcmp(maps->names + before, name) == 0)
      return before;
  }
  size_t length = strlen(name) + 1, at = maps->names_length;
  if (!grow((void **)&maps->names, &maps->names_capacity, at + length, 1))
    return 0;
  memcpy(maps->names + at, name, length);
  maps->names_length += length;
  return at;
}

/* 7f40851a0000-7f40851c6000 r-xp 00022000 fe:00 1234   /usr/lib/x86_64-linux-gnu/libc.so.6 */
static void add_line(struct maps *maps, const char *line) {
  struct mapping mapping;
  int name = 0;
  if (sscanf(line, "%" SCNx64 "-%" SCNx64 " %*4c %" SCNx64 " %*s %*s %n", &mapping.from, &mapping.to,
             &mapping.offset, &name) < 3)
    return;
  mapping.name = keep_name(maps, name > 0 ? line + name : "");
  if (grow((void **)&maps->list, &maps->capacity, maps->count + 1, sizeof mapping))
    maps->list[maps->count++] = mapping;
}

static void read_lines(struct maps *maps, int fd) {
  char buffer[16384];
  size_t held = 0, total = 0;
  ssize_t count;
  while (total < MAPS_BYTES_MAX && (count = read(fd, buffer + held, sizeof buffer - 1 - held)) > 0) {
    total += (size_t)count;
    held += (size_t)count;
    buffer[held] = 0;
    char *line = buffer, *end;
    while ((end = strchr(line, '\n')) != NULL) {
      *end = 0;
      add_line(maps, line);
      line = end + 1;
    }
    held = strlen(line);
    if (held >= sizeof buffer - 1) /* a line that long is no line of ours */
      held = 0;
    memmove(buffer, line, held);
  }
}

static void read_maps(struct maps *maps, int process_directory, int64_t now) {
  maps->count = 0;
  maps->names_length = 0;
  maps->read_at = now;
  if (grow((void **)&maps->names, &maps->names_capacity, 1, 1))
    maps->names[maps->names_length++] = 0;
  int fd = openat(process_directory, "maps", O_RDONLY | O_CLOEXEC);
  if (fd < 0)
    return;
  read_lines(maps, fd);
  close(fd);
}

static const struct mapping *search(const struct maps *maps, uint64_t address) {
  size_t low = 0, high = maps->count;
  while (low < high) {
    size_t middle = low + (high - low) / 2;
    if (maps->list[middle].to <= address)
      low = middle + 1;
    else
      high = middle;
  }
  return low < maps->count && maps->list[low].from <= address ? &maps->list[low] : NULL;
}

const struct mapping *maps_find(struct maps *maps, int process_directory, uint64_t address, int64_t now) {
  const struct mapping *found = search(maps, address);
  int64_t age = now - maps->read_at;
  if (maps->read_at == 0 || age >= OLD_MS || (found == NULL && age >= MISS_MS)) {
    read_maps(maps, process_directory, now);
    found = search(maps, address);
  }
  return found;
}

const char *maps_name(const struct maps *maps, const struct mapping *mapping) {
  return mapping == NULL || mapping->name == 0 ? NULL : maps->names + mapping->name;
}

void maps_forget(struct maps *maps) {
  free(maps->list);
  free(maps->names);
  memset(maps, 0, sizeof *maps);
}
