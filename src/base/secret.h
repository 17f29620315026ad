/* SPDX-License-Identifier: MIT */
/*
 * Passwords that stand in statements: CREATE USER .. IDENTIFIED BY '..', ALTER ROLE .. PASSWORD
 * '..', CREATE SUBSCRIPTION .. CONNECTION '..'. Errors and events repeat statements, and end in
 * build logs. What is shown has *** instead. Pure.
 */
#ifndef DUNLIN_BASE_SECRET_H
#define DUNLIN_BASE_SECRET_H

#include <stddef.h>
#include <stdint.h>
#include <dunlin/error.h>

/* The next secret in a text at or behind *at: returns its length and moves *at to it, both without
 * quotes; 0 = no more. One that is cut off ends where the text ends. An empty one is no secret. */
size_t secret_next(const char *text, size_t len, size_t *at);

/* Hides those in a text of a field of size bytes. *caret, a character counted from 1, or 0, stays
 * on its character; it may be NULL. */
void secret_hide(char *text, size_t size, uint32_t *caret);

/* Hides, in everything that an error shows, what the statement that failed holds: servers quote
 * from the middle of it, where nothing tells that it is a secret. */
void secret_hide_error(const char *sql, size_t len, struct dunlin_error *err);

#endif
