/* One growing buffer of JSON lines, written out in one go. */
#ifndef JSON_H
#define JSON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct json {
  char *text;
  size_t length;
  size_t capacity;
  bool comma; /* the next member or element needs one before it */
};

/* Opens a line: {"event":NAME,"t":T */
void json_event(struct json *json, const char *name, int64_t t);
/* Closes the line. */
void json_end(struct json *json);

/* Members. A null text or an absent number is printed as null. */
void json_number(struct json *json, const char *key, int64_t value);
void json_text(struct json *json, const char *key, const char *bytes);
void json_hex(struct json *json, const char *key, bool known, uint64_t value);
void json_bool(struct json *json, const char *key, bool value);
void json_null(struct json *json, const char *key);

/* Nesting; a null key is for an element of an array. */
void json_open(struct json *json, const char *key, char bracket);
void json_close(struct json *json, char bracket);
void json_element(struct json *json, int64_t value);

/* Writes all lines to the descriptor; false when its reader is gone. */
bool json_flush(struct json *json, int fd);

#endif
