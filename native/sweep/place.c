#include "place.h"

#include <stdlib.h>
#include <string.h>

#include "instruction.h"
#include "tracee.h"

static size_t slot_of(const struct places *places, uint64_t address) {
  size_t at = (size_t)((address * UINT64_C(0x9E3779B97F4A7C15)) >> 20) & (places->capacity - 1);
  while (places->slots[at].address != 0 && places->slots[at].address != address)
    at = (at + 1) & (places->capacity - 1);
  return at;
}

static void grow(struct places *places) {
  struct place *old = places->slots;
  size_t capacity = places->capacity;
  places->capacity = capacity == 0 ? 4096 : capacity * 2;
  places->slots = calloc(places->capacity, sizeof *places->slots);
  places->addresses = realloc(places->addresses, places->capacity * sizeof *places->addresses);
  places->instructions = realloc(places->instructions, places->capacity);
  if (places->slots == NULL || places->addresses == NULL || places->instructions == NULL)
    abort();
  for (size_t i = 0; i < capacity; i++)
    if (old[i].address != 0)
      places->slots[slot_of(places, old[i].address)] = old[i];
  free(old);
}

int places_number(struct places *places, uint64_t address) {
  if ((size_t)places->count * 2 >= places->capacity)
    grow(places);
  struct place *place = &places->slots[slot_of(places, address)];
  if (place->address == 0) {
    *place = (struct place){address, places->count};
    places->instructions[places->count] = INSTRUCTION_UNREAD;
    places->addresses[places->count++] = address;
  }
  return place->number;
}

static enum instruction read_instruction(uint64_t address, pid_t pid) {
  unsigned char bytes[INSTRUCTION_BYTES + 1] = {0};
  if (!tracee_read(pid, address, bytes, sizeof bytes) && !tracee_read(pid, address, bytes, 2))
    return INSTRUCTION_PLAIN;
  return instruction_calls(bytes) ? INSTRUCTION_CALL : instruction_repeats(bytes) ? INSTRUCTION_REPEATED : INSTRUCTION_PLAIN;
}

enum instruction places_instruction(struct places *places, int number, pid_t pid) {
  unsigned char *known = &places->instructions[number];
  if (*known == INSTRUCTION_UNREAD)
    *known = (unsigned char)read_instruction(places->addresses[number], pid);
  return (enum instruction)*known;
}

static void tell_image(const struct image *image, size_t number, struct json *json) {
  json_event(json, "image", 0);
  json_number(json, "index", (int64_t)number);
  json_text(json, "path", image->path);
  json_text(json, "buildId", image->build_id[0] == 0 ? NULL : image->build_id);
  json_end(json);
}

static void tell_place(const struct images *images, uint64_t address, struct json *json) {
  const struct image *image = images_find(images, address);
  const struct symbol *symbol = image == NULL ? NULL : image_name(image, address);
  json_open(json, NULL, '[');
  json_element(json, image == NULL ? -1 : image - images->list);
  json_element(json, (int64_t)(image == NULL ? address : address - image->bias));
  json_text(json, NULL, symbol == NULL ? NULL : symbol->name);
  json_element(json, symbol == NULL ? 0 : (int64_t)(address - symbol->address));
  json_element(json, symbol == NULL ? 0 : (int64_t)symbol->size);
  json_close(json, ']');
}

void places_tell(struct places *places, const struct images *images, struct json *json) {
  for (; places->images_told < images->count; places->images_told++)
    tell_image(&images->list[places->images_told], places->images_told, json);
  if (places->told == places->count)
    return;
  json_event(json, "places", 0);
  json_number(json, "first", places->told);
  json_open(json, "places", '[');
  for (; places->told < places->count; places->told++)
    tell_place(images, places->addresses[places->told], json);
  json_close(json, ']');
  json_end(json);
}
