#include "counters.h"

#include <elf.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

/* Bounds for what an executable may make us read: tables of 128 MiB, 4096 sections, 64 program headers. */
enum { TABLE_BYTES_MAX = 128 << 20, SECTIONS_MAX = 4096, SEGMENTS_MAX = 64, NAMES_MAX = 8, CHUNK = 1 << 16 };

static const char NAME[] = "cgo_deadlock_counters";
static const char MAGIC[] = "cgo-deadlock-cnt";

_Static_assert(sizeof(struct counter_slot) == COUNTER_STRIDE, "one slot is one cache line");
_Static_assert(sizeof(struct counters) == 64 + COUNTER_SLOTS * COUNTER_STRIDE, "header, then slots");

static bool read_exactly(int fd, void *buffer, size_t size, uint64_t offset) {
  return pread(fd, buffer, size, (off_t)offset) == (ssize_t)size;
}

/* Offsets at which the name stands, with its closing zero, in a string table; tails are shared, so not at starts only. */
static int find_names(int fd, const Elf64_Shdr *strings, uint64_t *offsets) {
  static char chunk[CHUNK];
  int found = 0;
  for (uint64_t at = 0; at < strings->sh_size && found < NAMES_MAX; at += CHUNK - sizeof NAME + 1) {
    uint64_t left = strings->sh_size - at;
    ssize_t count = pread(fd, chunk, left < CHUNK ? left : CHUNK, (off_t)(strings->sh_offset + at));
    if (count < (ssize_t)sizeof NAME)
      break;
    for (char *hit = chunk; found < NAMES_MAX; hit++) {
      hit = memmem(hit, (size_t)(chunk + count - hit), NAME, sizeof NAME);
      if (hit == NULL)
        break;
      offsets[found++] = at + (uint64_t)(hit - chunk);
    }
    if (left <= CHUNK)
      break;
  }
  return found;
}

/* The value of a data symbol with one of these names, 0 when there is none. */
static uint64_t find_symbol(int fd, const Elf64_Shdr *symbols, const uint64_t *offsets, int names) {
  static Elf64_Sym chunk[CHUNK / sizeof(Elf64_Sym)];
  uint64_t count = symbols->sh_size / sizeof(Elf64_Sym);
  for (uint64_t at = 0; at < count; at += sizeof chunk / sizeof *chunk) {
    uint64_t left = count - at;
    size_t wanted = left < sizeof chunk / sizeof *chunk ? left : sizeof chunk / sizeof *chunk;
    if (!read_exactly(fd, chunk, wanted * sizeof *chunk, symbols->sh_offset + at * sizeof *chunk))
      return 0;
    for (size_t i = 0; i < wanted; i++)
      for (int n = 0; n < names; n++)
        if (chunk[i].st_name == offsets[n] && chunk[i].st_shndx != SHN_UNDEF &&
            ELF64_ST_TYPE(chunk[i].st_info) == STT_OBJECT)
          return chunk[i].st_value;
  }
  return 0;
}

static bool bounded(const Elf64_Shdr *section) {
  return section->sh_size <= TABLE_BYTES_MAX && section->sh_offset <= INT64_MAX - section->sh_size;
}

/* The link-time address of the object, out of .symtab or .dynsym. */
static uint64_t link_address(int fd, const Elf64_Ehdr *header) {
  static Elf64_Shdr sections[SECTIONS_MAX];
  uint64_t offsets[NAMES_MAX];
  size_t count = header->e_shnum < SECTIONS_MAX ? header->e_shnum : SECTIONS_MAX;
  if (header->e_shentsize != sizeof *sections ||
      !read_exactly(fd, sections, count * sizeof *sections, header->e_shoff))
    return 0;
  for (size_t i = 0; i < count; i++) {
    const Elf64_Shdr *symbols = &sections[i];
    if ((symbols->sh_type != SHT_SYMTAB && symbols->sh_type != SHT_DYNSYM) || symbols->sh_link >= count)
      continue;
    const Elf64_Shdr *strings = &sections[symbols->sh_link];
    if (!bounded(symbols) || !bounded(strings))
      continue;
    int names = find_names(fd, strings, offsets);
    uint64_t address = names > 0 ? find_symbol(fd, symbols, offsets, names) : 0;
    if (address != 0)
      return address;
  }
  return 0;
}

/* Where the program headers were linked to be. */
static bool headers_address(int fd, const Elf64_Ehdr *header, uint64_t *address) {
  Elf64_Phdr segments[SEGMENTS_MAX];
  size_t count = header->e_phnum < SEGMENTS_MAX ? header->e_phnum : SEGMENTS_MAX;
  if (header->e_phentsize != sizeof *segments ||
      !read_exactly(fd, segments, count * sizeof *segments, header->e_phoff))
    return false;
  for (size_t i = 0; i < count; i++) {
    const Elf64_Phdr *s = &segments[i];
    if (s->p_type == PT_LOAD && s->p_offset <= header->e_phoff && header->e_phoff < s->p_offset + s->p_filesz) {
      *address = s->p_vaddr + header->e_phoff - s->p_offset;
      return true;
    }
  }
  return false;
}

/* Where they are in the process: the kernel told it in the auxiliary vector (AT_PHDR), 0 when unreadable. */
static uint64_t headers_in_memory(int process_directory) {
  Elf64_auxv_t vector[64];
  int fd = openat(process_directory, "auxv", O_RDONLY | O_CLOEXEC);
  if (fd < 0)
    return 0;
  ssize_t size = read(fd, vector, sizeof vector);
  close(fd);
  for (ssize_t i = 0; i < size / (ssize_t)sizeof *vector; i++)
    if (vector[i].a_type == AT_PHDR)
      return vector[i].a_un.a_val;
  return 0;
}

uint64_t counters_find(int process_directory) {
  Elf64_Ehdr header;
  uint64_t linked = 0, planned = 0;
  int fd = openat(process_directory, "exe", O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (fd < 0)
    return 0;
  if (read_exactly(fd, &header, sizeof header, 0) && memcmp(header.e_ident, ELFMAG, SELFMAG) == 0 &&
      header.e_ident[EI_CLASS] == ELFCLASS64 && header.e_ident[EI_DATA] == ELFDATA2LSB &&
      headers_address(fd, &header, &planned))
    linked = link_address(fd, &header);
  close(fd);
  uint64_t actual = linked == 0 ? 0 : headers_in_memory(process_directory);
  return actual == 0 ? 0 : linked + (actual - planned);
}

static bool copy(pid_t pid, int process_directory, uint64_t address, void *buffer, size_t size) {
  struct iovec here = {buffer, size}, there = {(void *)(uintptr_t)address, size};
  if (process_vm_readv(pid, &here, 1, &there, 1, 0) == (ssize_t)size)
    return true;
  int fd = openat(process_directory, "mem", O_RDONLY | O_CLOEXEC);
  if (fd < 0)
    return false;
  bool read = read_exactly(fd, buffer, size, address);
  close(fd);
  return read;
}

bool counters_read(pid_t pid, int process_directory, uint64_t address, struct counters *counters) {
  return copy(pid, process_directory, address, counters, sizeof *counters) &&
         memcmp(counters->magic, MAGIC, sizeof counters->magic) == 0 && counters->version == 1 &&
         counters->slots == COUNTER_SLOTS && counters->stride == COUNTER_STRIDE;
}
