/* SPDX-License-Identifier: MIT */
/* What is behind struct dunlin. Private to src/api. */
#ifndef DUNLIN_API_CONTEXT_H
#define DUNLIN_API_CONTEXT_H

#include <dunlin/dunlin.h>
#include "base/arena.h"
#include "driver/driver.h"
#include "run/run.h"
#include "source/source.h"

struct dunlin {
    struct arena arena; /* options, driver, names */
    struct source source;
    struct run run;
};

/* Reads what a newer or older caller's struct has: size tells how much. */
void options_copy(struct dunlin_options *to, const struct dunlin_options *from);

#endif
