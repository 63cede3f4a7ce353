/* The files mapped into a process, and what their symbol tables call an address. */
#ifndef IMAGE_H
#define IMAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

enum { BUILD_ID_MAX = 32 };

struct symbol {
  uint64_t address; /* in the process */
  uint64_t size;
  const char *name;
  bool function;
  bool indirect; /* STT_GNU_IFUNC: the address of its resolver */
};

struct image {
  char *path;
  uint64_t from, to; /* all of it, in the process */
  uint64_t bias;     /* what the loader added to the addresses in the file */
  void *file;
  size_t size;
  char build_id[BUILD_ID_MAX * 2 + 1];
  struct symbol *symbols; /* by address */
  size_t count;
};

struct images {
  struct image *list;
  size_t count;
};

/* Reads the maps of a process and the files that have code in it; names of deleted or foreign files stay without symbols. */
void images_read(struct images *images, pid_t pid);
/* How many they are; far cheaper. */
size_t images_count(pid_t pid);
void images_forget(struct images *images);

/* The file that holds the address, or NULL. */
const struct image *images_find(const struct images *images, uint64_t address);

/* The symbol that covers the address, else the nearest one below it in the same file; NULL when there is none. */
const struct symbol *image_name(const struct image *image, uint64_t address);

/* Where symbols of this name are, at most `max`; each address once. */
size_t images_look_up(const struct images *images, const char *name, struct symbol *found, size_t max);

#endif
