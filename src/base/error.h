/* SPDX-License-Identifier: MIT */
/* Filling a struct dunlin_error. Every function takes NULL for err. */
#ifndef DUNLIN_BASE_ERROR_H
#define DUNLIN_BASE_ERROR_H

#include <stddef.h>
#include <dunlin/error.h>

/* Clears *err, sets status, kind and message, and returns status, so that a failing function can
 * end with "return error_set(..)". */
int error_set(struct dunlin_error *err, enum dunlin_status status, enum dunlin_kind kind,
              const char *format, ...) __attribute__((format(printf, 4, 5)));
int error_nomem(struct dunlin_error *err);

/* An analyser reads one file at a time, and would have to believe that a failure can be 0. */
#if defined(__clang_analyzer__) || defined(DUNLIN_ANALYZER)
#define error_set(err, status, ...) (error_set(err, status, __VA_ARGS__), (int)(status))
#define error_nomem(err) (error_nomem(err), (int)DUNLIN_FAILED)
#endif

/* These add to an error that was set before; they never change its status. */
void error_hint(struct dunlin_error *err, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
void error_detail(struct dunlin_error *err, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
void error_state(struct dunlin_error *err, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
void error_next(struct dunlin_error *err, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
void error_place(struct dunlin_error *err, const char *file, uint32_t line, uint32_t column);

/* Copies text into a field of size bytes, cut at a character border with "…" where it is too long.
 */
void text_copy(char *to, size_t size, const char *text, size_t len);

/* The status that a failure of this kind means when nothing was changed by it. */
enum dunlin_status status_of_kind(enum dunlin_kind kind);
/* "connection", "missing_table" ..: the stable name in JSON. Never NULL. */
const char *kind_name(int kind);

#endif
