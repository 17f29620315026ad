/* SPDX-License-Identifier: MIT */
/* Database URLs (RFC 3986): parsing, and printing without secrets. Pure. */
#ifndef DUNLIN_DRIVER_URL_H
#define DUNLIN_DRIVER_URL_H

#include <stddef.h>
#include <stdint.h>
#include <dunlin/driver.h>
#include "base/arena.h"

struct url {
    const char *scheme;
    struct dunlin_param *params; /* scheme user password host port database + query keys, decoded */
    uint32_t count;
};

/* The text is never repeated in an error: only the component that is wrong is named. For sqlite
 * schemes everything between "scheme:" and "?" is the path: sqlite:rel, sqlite:///abs, :memory:. */
int url_parse(const char *text, struct arena *arena, struct url *out, struct dunlin_error *err);
/* Scheme, user, three stars for the password, hosts, ports, database; never the query. Of a text
 * that cannot be parsed "scheme:***", or three stars alone. */
void url_redact(const char *text, char *to, size_t size);

#endif
