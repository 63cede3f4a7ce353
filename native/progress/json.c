#include "json.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void append(struct json *json, const char *bytes, size_t count) {
  if (json->length + count > json->capacity) {
    size_t capacity = (json->length + count) * 2 + 4096;
    char *text = realloc(json->text, capacity);
    if (text == NULL)
      abort();
    json->text = text;
    json->capacity = capacity;
  }
  memcpy(json->text + json->length, bytes, count);
  json->length += count;
}

static void append_text(struct json *json, const char *text) { append(json, text, strlen(text)); }

/* The length of the UTF-8 character that begins here, 0 when it is none (overlong, surrogate, cut). */
static size_t utf8_length(const unsigned char *s) {
  size_t length = s[0] < 0x80 ? 1 : s[0] < 0xC2 ? 0 : s[0] < 0xE0 ? 2 : s[0] < 0xF0 ? 3 : s[0] < 0xF5 ? 4 : 0;
  for (size_t i = 1; i < length; i++)
    if ((s[i] & 0xC0) != 0x80)
      return 0;
  if ((s[0] == 0xE0 && s[1] < 0xA0) || (s[0] == 0xED && s[1] > 0x9F) || (s[0] == 0xF0 && s[1] < 0x90) ||
      (s[0] == 0xF4 && s[1] > 0x8F))
    return 0;
  return length;
}

/* Names come from the watched program and may hold any bytes: what is no UTF-8 becomes U+FFFD. */
static void append_quoted(struct json *json, const char *bytes) {
  append_text(json, "\"");
  for (const unsigned char *s = (const unsigned char *)bytes; *s != 0;) {
    size_t length = utf8_length(s);
    char escape[8];
    if (length == 0) {
      append_text(json, "\\ufffd");
      length = 1;
    } else if (*s < 0x20 || *s == 0x7F || *s == '"' || *s == '\\') {
      snprintf(escape, sizeof escape, "\\u%04x", *s);
      append_text(json, escape);
    } else {
      append(json, (const char *)s, length);
    }
    s += length;
  }
  append_text(json, "\"");
}

static void begin(struct json *json, const char *key) {
  if (json->comma)
    append_text(json, ",");
  json->comma = true;
  if (key != NULL) {
    append_text(json, "\"");
    append_text(json, key);
    append_text(json, "\":");
  }
}

void json_event(struct json *json, const char *name, int64_t t) {
  json->comma = false;
  json_open(json, NULL, '{');
  json_text(json, "event", name);
  json_number(json, "t", t);
}

void json_end(struct json *json) {
  json_close(json, '}');
  append_text(json, "\n");
}

void json_number(struct json *json, const char *key, int64_t value) {
  char digits[24];
  begin(json, key);
  snprintf(digits, sizeof digits, "%" PRId64, value);
  append_text(json, digits);
}

void json_element(struct json *json, int64_t value) { json_number(json, NULL, value); }

void json_text(struct json *json, const char *key, const char *bytes) {
  if (bytes == NULL) {
    json_null(json, key);
    return;
  }
  begin(json, key);
  append_quoted(json, bytes);
}

void json_hex(struct json *json, const char *key, bool known, uint64_t value) {
  char digits[24];
  snprintf(digits, sizeof digits, "0x%" PRIx64, value);
  json_text(json, key, known ? digits : NULL);
}

void json_bool(struct json *json, const char *key, bool value) {
  begin(json, key);
  append_text(json, value ? "true" : "false");
}

void json_null(struct json *json, const char *key) {
  begin(json, key);
  append_text(json, "null");
}

void json_open(struct json *json, const char *key, char bracket) {
  begin(json, key);
  append(json, &bracket, 1);
  json->comma = false;
}

void json_close(struct json *json, char bracket) {
  append(json, &bracket, 1);
  json->comma = true;
}

bool json_flush(struct json *json, int fd) {
  size_t done = 0;
  while (done < json->length) {
    ssize_t count = write(fd, json->text + done, json->length - done);
    if (count < 0 && errno == EINTR)
      continue;
    if (count <= 0)
      return false;
    done += (size_t)count;
  }
  json->length = 0;
  return true;
}
