/* SPDX-License-Identifier: MIT */
/* What is behind struct dunlin. Private to src/api. */
#ifndef DUNLIN_API_CONTEXT_H
#define DUNLIN_API_CONTEXT_H

#include <dunlin/dunlin.h>
#include "base/arena.h"
#include "driver/driver.h"
#include "driver/url.h"
#include "run/run.h"
#include "script/substitute.h"
#include "source/source.h"

struct dunlin {
    struct arena arena; /* options, driver, names */
    struct source source;
    struct substitutes substitutes;
    struct run run;
    const char **required; /* tables */
    size_t nrequired;
};

/* adopt.c: names the table of drizzle-orm, where one of its folders is given. */
int layout_table(struct dunlin *d, const struct dunlin_options *o, struct dunlin_error *err);
/* list.c: what the caller gets to see of an item. */
struct dunlin_item item_of(const struct plan_item *p);

/* given.c: copies what the caller gives for scripts to use. */
int given_copy(struct dunlin *d, const struct dunlin_options *o, struct dunlin_error *err);
/* Reads what a newer or older caller's struct has: size tells how much. */
void options_copy(struct dunlin_options *to, const struct dunlin_options *from);

/* ---- context.c ---- */

/* Takes over everything but the URL and the folders. */
int options_apply(struct dunlin *d, const struct dunlin_options *o, struct dunlin_error *err);
/* Reads the URL and chooses the driver. */
int database_find(struct dunlin *d, const struct dunlin_options *o, struct url *url,
                  struct dunlin_error *err);

/* ---- connection.c ---- */

/* Chooses the driver without connecting. */
int open_offline(struct dunlin *d, const struct dunlin_options *o, struct dunlin_error *err);
/* Adds what the options say of the connection and the URL does not. */
int connection_params(struct url *url, const struct dunlin_options *o, struct arena *arena,
                      struct dunlin_error *err);

/* ---- verify.c ---- */

int required_copy(struct dunlin *d, const struct dunlin_options *o, struct dunlin_error *err);
/* DUNLIN_NO, with all of them named, where a required table is missing. */
int required_tables(struct dunlin *d, struct dunlin_error *err);

#endif
