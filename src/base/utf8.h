/* SPDX-License-Identifier: MIT */
/* UTF-8, and text that is safe to show: names and messages come from strangers. */
#ifndef DUNLIN_BASE_UTF8_H
#define DUNLIN_BASE_UTF8_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Decodes one character. Returns its length in bytes, 0 when the bytes are not valid UTF-8. */
size_t utf8_decode(const char *text, size_t len, uint32_t *code);
/* Control characters (C0, DEL, C1), line separators and those that turn the writing direction. */
bool utf8_is_unsafe(uint32_t code);
/* Characters that show nothing, or only turn the writing direction: those that Unicode calls
 * default-ignorable, but for the selectors of a variation, which change what stands before them. */
bool utf8_is_invisible(uint32_t code);
/* Where the first character stands that turns the direction of the text around it: U+202A to
 * U+202E, U+2066 to U+2069. len where there is none. */
size_t utf8_find_turn(const char *text, size_t len);
/* True when every character is valid and safe. */
bool text_is_safe(const char *text, size_t len);
/* Copies with what is unsafe written as \xNN (bytes) or \u{NNNN} (characters); always cut to size
 * at a character border, and NUL-terminated. Returns to. */
char *text_escape(char *to, size_t size, const char *text, size_t len);

#endif
