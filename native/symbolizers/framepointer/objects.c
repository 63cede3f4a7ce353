#define _GNU_SOURCE
#include "framepointer.h"

#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#define MAX_OBJECTS 128

static struct object objects[MAX_OBJECTS];
static size_t object_count;

const struct object *framepointer_object_of(uintptr_t pc) {
  for (size_t i = 0; i < object_count; i++) {
    if (pc >= objects[i].code_start && pc < objects[i].code_end) return &objects[i];
  }
  return NULL;
}

// A file mapped for good, or null.
static const char *map_file(const char *path, size_t *size) {
  int fd = open(path, O_RDONLY | O_CLOEXEC);
  struct stat status;
  void *bytes = MAP_FAILED;
  if (fd < 0) return NULL;
  if (fstat(fd, &status) == 0) {
    *size = (size_t)status.st_size;
    bytes = mmap(NULL, *size, PROT_READ, MAP_PRIVATE, fd, 0);
  }
  close(fd);
  return bytes == MAP_FAILED ? NULL : bytes;
}

static int lies_within(size_t offset, size_t length, size_t size) {
  return offset <= size && length <= size - offset;
}

// The full table of symbols if the file still has it, else the dynamic one.
static const ElfW(Shdr) *find_symbol_section(const ElfW(Shdr) *sections, size_t count) {
  const ElfW(Shdr) *found = NULL;
  for (size_t i = 0; i < count; i++) {
    if (sections[i].sh_type == SHT_SYMTAB) return &sections[i];
    if (sections[i].sh_type == SHT_DYNSYM) found = &sections[i];
  }
  return found;
}

// Debian's libraries keep their dynamic symbols only, so what they do not export has no name.
static void find_symbols(struct object *object) {
  size_t size = 0;
  const char *file = map_file(object->path, &size);
  if (file == NULL || size < sizeof(ElfW(Ehdr))) return;
  const ElfW(Ehdr) *header = (const ElfW(Ehdr) *)file;
  if (memcmp(header->e_ident, ELFMAG, SELFMAG) != 0 ||
      !lies_within(header->e_shoff, header->e_shnum * sizeof(ElfW(Shdr)), size))
    return;
  const ElfW(Shdr) *sections = (const ElfW(Shdr) *)(file + header->e_shoff);
  const ElfW(Shdr) *symbols = find_symbol_section(sections, header->e_shnum);
  if (symbols == NULL || symbols->sh_link >= header->e_shnum) return;
  const ElfW(Shdr) *names = &sections[symbols->sh_link];
  if (!lies_within(symbols->sh_offset, symbols->sh_size, size) ||
      !lies_within(names->sh_offset, names->sh_size, size))
    return;
  object->symbols = (const ElfW(Sym) *)(file + symbols->sh_offset);
  object->symbol_count = symbols->sh_size / sizeof(ElfW(Sym));
  object->names = file + names->sh_offset;
}

static int note_object(struct dl_phdr_info *info, size_t size, void *unused) {
  (void)size;
  (void)unused;
  struct object object = {.base = info->dlpi_addr, .code_start = UINTPTR_MAX};
  for (int i = 0; i < info->dlpi_phnum; i++) {
    const ElfW(Phdr) *segment = &info->dlpi_phdr[i];
    if (segment->p_type != PT_LOAD || !(segment->p_flags & PF_X)) continue;
    uintptr_t start = object.base + segment->p_vaddr, end = start + segment->p_memsz;
    if (start < object.code_start) object.code_start = start;
    if (end > object.code_end) object.code_end = end;
  }
  if (object.code_end == 0) return 0;
  // The program itself comes first and has no name here.
  object.path = object_count == 0 ? realpath("/proc/self/exe", NULL) : strdup(info->dlpi_name);
  if (object.path != NULL) find_symbols(&object);
  objects[object_count++] = object;
  return object_count == MAX_OBJECTS;
}

void framepointer_find_objects(void) { dl_iterate_phdr(note_object, NULL); }
