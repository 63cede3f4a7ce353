#include "prey.h"

#include <elf.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

uint64_t prey_entry(pid_t pid) {
  char name[64];
  Elf64_auxv_t vector[64];
  snprintf(name, sizeof name, "/proc/%d/auxv", pid);
  int fd = open(name, O_RDONLY | O_CLOEXEC);
  ssize_t size = fd < 0 ? 0 : read(fd, vector, sizeof vector);
  if (fd >= 0)
    close(fd);
  for (ssize_t i = 0; i < size / (ssize_t)sizeof *vector; i++)
    if (vector[i].a_type == AT_ENTRY)
      return vector[i].a_un.a_val;
  return 0;
}

/* `libstdc++.so.6+0x1234`: an offset in a file, from its first mapped byte's link address. */
static size_t find_offset(const struct images *images, const char *function, uint64_t *address) {
  const char *plus = strrchr(function, '+');
  char *end;
  if (plus == NULL || strncmp(plus, "+0x", 3) != 0)
    return 0;
  uint64_t offset = strtoull(plus + 1, &end, 16);
  size_t length = (size_t)(plus - function), count = 0;
  for (size_t i = 0; *end == 0 && i < images->count && count < BREAKPOINTS; i++) {
    const char *path = images->list[i].path, *slash = strrchr(path, '/');
    const char *name = slash == NULL ? path : slash + 1;
    if (strlen(name) == length && strncmp(name, function, length) == 0)
      address[count++] = images->list[i].bias + offset;
  }
  return count;
}

void prey_look_up(struct prey *prey, const char *function) {
  struct images images = {0};
  struct symbol found[BREAKPOINTS];
  size_t files = images_count(prey->pid);
  if (files == prey->files)
    return;
  images_read(&images, prey->pid);
  prey->files = files;
  prey->addresses = find_offset(&images, function, prey->address);
  size_t count = images_look_up(&images, function, found, BREAKPOINTS - prey->addresses);
  for (size_t i = 0; i < count; i++)
    if (found[i].indirect)
      prey->indirect = true;
    else if (found[i].function)
      prey->address[prey->addresses++] = found[i].address;
  images_forget(&images);
}

bool prey_at_function(const struct prey *prey, uint64_t pc) {
  for (size_t i = 0; i < prey->addresses; i++)
    if (prey->address[i] == pc)
      return true;
  return false;
}
