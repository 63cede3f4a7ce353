#include "instruction.h"

#include <stddef.h>
#include <string.h>

struct prefixes {
  bool lock, repeat, fs, gs;
  unsigned char rex;
  int length;
};

static struct prefixes read_prefixes(const unsigned char *bytes) {
  struct prefixes found = {0};
  for (; found.length < INSTRUCTION_BYTES - 4; found.length++) {
    unsigned char byte = bytes[found.length];
    if (byte == 0xF0)
      found.lock = true;
    else if (byte == 0xF2 || byte == 0xF3)
      found.repeat = true;
    else if (byte == 0x64)
      found.fs = true;
    else if (byte == 0x65)
      found.gs = true;
    else if (byte != 0x66 && byte != 0x67 && byte != 0x2E && byte != 0x36 && byte != 0x3E && byte != 0x26)
      break;
  }
  if ((bytes[found.length] & 0xF0) == 0x40)
    found.rex = bytes[found.length++];
  return found;
}

bool instruction_repeats(const unsigned char *bytes) {
  struct prefixes prefixes = read_prefixes(bytes);
  unsigned char code = bytes[prefixes.length];
  bool string = (code >= 0xA4 && code <= 0xA7) || (code >= 0xAA && code <= 0xAF) || (code >= 0x6C && code <= 0x6F);
  return prefixes.repeat && string;
}

bool instruction_calls(const unsigned char *bytes) { return bytes[0] == 0x0F && bytes[1] == 0x05; }

int instruction_sigreturn(const unsigned char *bytes, int count) {
  static const unsigned char long_form[] = {0x48, 0xC7, 0xC0, 15, 0, 0, 0, 0x0F, 0x05};
  static const unsigned char short_form[] = {0xB8, 15, 0, 0, 0, 0x0F, 0x05};
  if (count >= (int)sizeof long_form && memcmp(bytes, long_form, sizeof long_form) == 0)
    return sizeof long_form - 2;
  if (count >= (int)sizeof short_form && memcmp(bytes, short_form, sizeof short_form) == 0)
    return sizeof short_form - 2;
  return -1;
}

static uint64_t register_of(const struct user_regs_struct *regs, int number) {
  const unsigned long long values[] = {regs->rax, regs->rcx, regs->rdx, regs->rbx, regs->rsp, regs->rbp, regs->rsi, regs->rdi,
                                       regs->r8,  regs->r9,  regs->r10, regs->r11, regs->r12, regs->r13, regs->r14, regs->r15};
  return values[number];
}

static int32_t read_int32(const unsigned char *bytes) {
  int32_t value;
  memcpy(&value, bytes, sizeof value);
  return value;
}

/* The memory operand at a ModRM byte (Intel SDM volume 2, table 2-2 and 2-3). `tail`: immediate bytes that follow it. */
static uint64_t operand(const unsigned char *bytes, int at, int tail, const struct prefixes *prefixes,
                        const struct user_regs_struct *regs) {
  int mode = bytes[at] >> 6, base = bytes[at] & 7, next = at + 1;
  uint64_t address = prefixes->fs ? regs->fs_base : prefixes->gs ? regs->gs_base : 0;
  bool no_base = false;
  if (base == 4) {
    unsigned char sib = bytes[next++];
    int index = ((sib >> 3) & 7) | (prefixes->rex & 2 ? 8 : 0);
    base = sib & 7;
    no_base = base == 5 && mode == 0;
    if (index != 4)
      address += register_of(regs, index) << (sib >> 6);
    if (!no_base)
      address += register_of(regs, base | (prefixes->rex & 1 ? 8 : 0));
  } else if (base == 5 && mode == 0) {
    return address + regs->rip + (uint64_t)(next + 4 + tail) + (uint64_t)(int64_t)read_int32(bytes + next);
  } else {
    address += register_of(regs, base | (prefixes->rex & 1 ? 8 : 0));
  }
  if (mode == 1)
    return address + (uint64_t)(int64_t)(signed char)bytes[next];
  if (mode == 2 || no_base)
    return address + (uint64_t)(int64_t)read_int32(bytes + next);
  return address;
}

const char *instruction_locked(const unsigned char *bytes, const struct user_regs_struct *regs, uint64_t *address) {
  struct prefixes prefixes = read_prefixes(bytes);
  int at = prefixes.length, tail = 0;
  unsigned char code = bytes[at++];
  const char *kind = "arithmetic";
  if (code == 0x86 || code == 0x87) {
    kind = "xchg";
    if (bytes[at] >> 6 == 3)
      return NULL;
  } else if (!prefixes.lock) {
    return NULL;
  } else if (code == 0x0F) {
    code = bytes[at++];
    kind = code == 0xB0 || code == 0xB1 || code == 0xC7 ? "cmpxchg" : code == 0xC0 || code == 0xC1 ? "xadd" : "bit";
    tail = code == 0xBA ? 1 : 0;
  } else if (code == 0x80 || code == 0x83) {
    tail = 1;
  } else if (code == 0x81) {
    tail = 4;
  }
  *address = operand(bytes, at, tail, &prefixes, regs);
  return kind;
}
