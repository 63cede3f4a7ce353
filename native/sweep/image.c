#include "image.h"

#include <elf.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

enum { PATH_BYTES = 4096 };

struct part {
  uint64_t from, to, offset, inode;
  bool code;
  char *path;
};

/* `size` bytes at `offset` of the file, or NULL: what a program says of itself is not trusted. */
static const void *piece(const struct image *image, uint64_t offset, uint64_t size) {
  if (image->file == NULL || offset > image->size || size > image->size - offset)
    return NULL;
  return (const char *)image->file + offset;
}

static const Elf64_Ehdr *header_of(const struct image *image) {
  const Elf64_Ehdr *header = piece(image, 0, sizeof *header);
  if (header == NULL || memcmp(header->e_ident, ELFMAG, SELFMAG) != 0 || header->e_ident[EI_CLASS] != ELFCLASS64)
    return NULL;
  return header;
}

static const Elf64_Phdr *segments_of(const struct image *image, size_t *count) {
  const Elf64_Ehdr *header = header_of(image);
  *count = header == NULL ? 0 : header->e_phnum;
  return header == NULL ? NULL : piece(image, header->e_phoff, (uint64_t)header->e_phnum * sizeof(Elf64_Phdr));
}

/* From a mapping of code to what was added to its segment's address: 0 for a program that is not position independent. */
static uint64_t bias_of(const struct image *image, const struct part *code) {
  size_t count;
  const Elf64_Phdr *segments = segments_of(image, &count);
  for (size_t i = 0; segments != NULL && i < count; i++) {
    const Elf64_Phdr *s = &segments[i];
    uint64_t first = s->p_offset & ~UINT64_C(4095);
    if (s->p_type == PT_LOAD && (s->p_flags & PF_X) && first <= code->offset && code->offset < s->p_offset + s->p_filesz)
      return code->from - (s->p_vaddr - s->p_offset + code->offset);
  }
  return code->from - code->offset;
}

static void read_build_id(struct image *image) {
  size_t count;
  const Elf64_Phdr *segments = segments_of(image, &count);
  for (size_t i = 0; segments != NULL && i < count; i++) {
    const char *notes = segments[i].p_type == PT_NOTE ? piece(image, segments[i].p_offset, segments[i].p_filesz) : NULL;
    for (uint64_t at = 0; notes != NULL && at + sizeof(Elf64_Nhdr) < segments[i].p_filesz;) {
      const Elf64_Nhdr *note = (const Elf64_Nhdr *)(notes + at);
      uint64_t name = at + sizeof *note, body = name + ((note->n_namesz + 3U) & ~3U);
      uint64_t next = body + ((note->n_descsz + 3U) & ~3U);
      if (next > segments[i].p_filesz)
        break;
      if (note->n_type == NT_GNU_BUILD_ID && note->n_namesz == 4 && memcmp(notes + name, "GNU", 4) == 0) {
        for (size_t b = 0; b < note->n_descsz && b < BUILD_ID_MAX; b++)
          snprintf(image->build_id + b * 2, 3, "%02x", (unsigned char)notes[body + b]);
        return;
      }
      at = next;
    }
  }
}

static size_t underscores(const char *name) { return strspn(name, "_"); }

/* By address; of several names for one the public one first, so that the same and the best known is told each time. */
static int by_address(const void *one, const void *other) {
  const struct symbol *a = one, *b = other;
  if (a->address != b->address)
    return a->address < b->address ? -1 : 1;
  if (a->function != b->function)
    return a->function ? -1 : 1;
  if (underscores(a->name) != underscores(b->name))
    return underscores(a->name) < underscores(b->name) ? -1 : 1;
  return strcmp(a->name, b->name);
}

static size_t count_symbols(const struct image *image, const Elf64_Shdr *sections, size_t count) {
  size_t sum = 0;
  for (size_t i = 0; i < count; i++)
    if ((sections[i].sh_type == SHT_SYMTAB || sections[i].sh_type == SHT_DYNSYM) &&
        piece(image, sections[i].sh_offset, sections[i].sh_size) != NULL)
      sum += sections[i].sh_size / sizeof(Elf64_Sym);
  return sum;
}

static void add_table(struct image *image, const Elf64_Shdr *table, const Elf64_Shdr *names) {
  const Elf64_Sym *list = piece(image, table->sh_offset, table->sh_size);
  const char *text = piece(image, names->sh_offset, names->sh_size);
  if (list == NULL || text == NULL || names->sh_size == 0 || text[names->sh_size - 1] != 0)
    return;
  for (size_t i = 0; i < table->sh_size / sizeof *list; i++) {
    int type = ELF64_ST_TYPE(list[i].st_info);
    if (list[i].st_shndx == SHN_UNDEF || list[i].st_name >= names->sh_size || text[list[i].st_name] == 0)
      continue;
    if (type != STT_FUNC && type != STT_GNU_IFUNC && type != STT_OBJECT && type != STT_NOTYPE)
      continue;
    image->symbols[image->count++] = (struct symbol){
        .address = list[i].st_value + image->bias,
        .size = list[i].st_size,
        .name = text + list[i].st_name,
        .function = type == STT_FUNC || type == STT_GNU_IFUNC,
        .indirect = type == STT_GNU_IFUNC,
    };
  }
}

static void read_symbols(struct image *image) {
  const Elf64_Ehdr *header = header_of(image);
  if (header == NULL || header->e_shentsize != sizeof(Elf64_Shdr))
    return;
  const Elf64_Shdr *sections = piece(image, header->e_shoff, (uint64_t)header->e_shnum * sizeof *sections);
  if (sections == NULL)
    return;
  image->symbols = calloc(count_symbols(image, sections, header->e_shnum) + 1, sizeof *image->symbols);
  for (size_t i = 0; image->symbols != NULL && i < header->e_shnum; i++)
    if ((sections[i].sh_type == SHT_SYMTAB || sections[i].sh_type == SHT_DYNSYM) && sections[i].sh_link < header->e_shnum)
      add_table(image, &sections[i], &sections[sections[i].sh_link]);
  if (image->count > 0)
    qsort(image->symbols, image->count, sizeof *image->symbols, by_address);
}

static bool map_file(struct image *image, const char *name, uint64_t inode) {
  struct stat state;
  int fd = open(name, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (fd < 0)
    return false;
  if (fstat(fd, &state) == 0 && S_ISREG(state.st_mode) && state.st_ino == inode && state.st_size > 0) {
    void *file = mmap(NULL, (size_t)state.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
    if (file != MAP_FAILED) {
      image->file = file;
      image->size = (size_t)state.st_size;
    }
  }
  close(fd);
  return image->file != NULL;
}

/* The very file that is mapped: by the kernel's own link where that may be read, as the program itself, or by its name. */
static void open_file(struct image *image, pid_t pid, const struct part *part) {
  char name[PATH_BYTES + 64];
  snprintf(name, sizeof name, "/proc/%d/map_files/%" PRIx64 "-%" PRIx64, pid, part->from, part->to);
  if (map_file(image, name, part->inode))
    return;
  snprintf(name, sizeof name, "/proc/%d/exe", pid);
  if (map_file(image, name, part->inode))
    return;
  snprintf(name, sizeof name, "/proc/%d/root%s", pid, part->path);
  map_file(image, name, part->inode);
}

static struct part *read_parts(pid_t pid, size_t *count) {
  char name[64], line[PATH_BYTES + 256];
  struct part *parts = NULL;
  size_t capacity = 0;
  *count = 0;
  snprintf(name, sizeof name, "/proc/%d/maps", pid);
  FILE *maps = fopen(name, "re");
  while (maps != NULL && fgets(line, sizeof line, maps) != NULL) {
    struct part part = {0};
    char rights[5] = "";
    int path = 0;
    line[strcspn(line, "\n")] = 0;
    if (sscanf(line, "%" SCNx64 "-%" SCNx64 " %4s %" SCNx64 " %*s %" SCNu64 " %n", &part.from, &part.to, rights,
               &part.offset, &part.inode, &path) < 5 || path == 0 || line[path] == 0)
      continue;
    part.code = rights[2] == 'x';
    part.path = strdup(line + path);
    if (*count == capacity) {
      capacity = capacity * 2 + 64;
      struct part *more = realloc(parts, capacity * sizeof *parts);
      if (more == NULL)
        break;
      parts = more;
    }
    parts[(*count)++] = part;
  }
  if (maps != NULL)
    fclose(maps);
  return parts;
}

size_t images_count(pid_t pid) {
  size_t count, files = 0;
  struct part *parts = read_parts(pid, &count);
  for (size_t i = 0; i < count; i++)
    files += i == 0 || strcmp(parts[i].path, parts[i - 1].path) != 0;
  for (size_t i = 0; i < count; i++)
    free(parts[i].path);
  free(parts);
  return files;
}

static struct image *image_of(struct images *images, const struct part *part) {
  if (images->count > 0 && strcmp(images->list[images->count - 1].path, part->path) == 0)
    return &images->list[images->count - 1];
  struct image *more = realloc(images->list, (images->count + 1) * sizeof *more);
  if (more == NULL)
    return NULL;
  images->list = more;
  more[images->count] = (struct image){.path = strdup(part->path), .from = part->from};
  return &more[images->count++];
}

void images_read(struct images *images, pid_t pid) {
  size_t count;
  struct part *parts = read_parts(pid, &count);
  images_forget(images);
  for (size_t i = 0; i < count; i++) {
    struct image *image = image_of(images, &parts[i]);
    if (image == NULL)
      break;
    image->to = parts[i].to;
    if (!parts[i].code || image->symbols != NULL)
      continue;
    if (parts[i].path[0] == '/' && image->file == NULL)
      open_file(image, pid, &parts[i]);
    image->bias = bias_of(image, &parts[i]);
    read_build_id(image);
    read_symbols(image);
  }
  for (size_t i = 0; i < count; i++)
    free(parts[i].path);
  free(parts);
}

void images_forget(struct images *images) {
  for (size_t i = 0; i < images->count; i++) {
    struct image *image = &images->list[i];
    if (image->file != NULL)
      munmap(image->file, image->size);
    free(image->symbols);
    free(image->path);
  }
  free(images->list);
  *images = (struct images){0};
}

const struct image *images_find(const struct images *images, uint64_t address) {
  for (size_t i = 0; i < images->count; i++)
    if (images->list[i].from <= address && address < images->list[i].to)
      return &images->list[i];
  return NULL;
}

const struct symbol *image_name(const struct image *image, uint64_t address) {
  size_t low = 0, high = image->count;
  const struct symbol *nearest = NULL;
  while (low < high) {
    size_t middle = low + (high - low) / 2;
    if (image->symbols[middle].address <= address)
      low = middle + 1;
    else
      high = middle;
  }
  /* Symbols may lie in one another (an entry in the middle of a function): a few are tried. */
  for (size_t back = 0; low > back && back < 64; back++) {
    const struct symbol *symbol = &image->symbols[low - 1 - back];
    if (address < symbol->address + symbol->size) {
      while (symbol > image->symbols && (symbol - 1)->address == symbol->address)
        symbol--; /* the first of several names, so that the same one is told each time */
      return symbol;
    }
    if (nearest == NULL && symbol->function)
      nearest = symbol;
  }
  return nearest;
}

size_t images_look_up(const struct images *images, const char *name, struct symbol *found, size_t max) {
  size_t count = 0;
  for (size_t i = 0; i < images->count; i++)
    for (size_t s = 0; s < images->list[i].count && count < max; s++) {
      const struct symbol *symbol = &images->list[i].symbols[s];
      bool again = false;
      if (strcmp(symbol->name, name) != 0)
        continue;
      for (size_t f = 0; f < count; f++)
        again = again || found[f].address == symbol->address;
      if (!again)
        found[count++] = *symbol;
    }
  return count;
}
