/* SPDX-License-Identifier: MIT */
/* The registry of sqitch: what src/history/tools/sqitch*.c share. */
#ifndef DUNLIN_HISTORY_TOOLS_SQITCH_H
#define DUNLIN_HISTORY_TOOLS_SQITCH_H

#include "history/foreign.h"
#include "source/source.h"

/* ---- sqitch-registry.c: see struct foreign ---- */

int sqitch_fold(struct foreign_rows *rows, struct arena *arena, struct dunlin_error *err);
int sqitch_more(const struct foreign_ask *ask, struct arena *arena, const struct sql_var **out,
                struct dunlin_error *err);

/* ---- sqitch-user.c: who sqitch would say deploys a change ---- */

struct sqitch_user {
    const char *name, *email;
};

/* As sqitch takes them from the environment, from the sqitch.conf beside the plan and from the
 * user's own one. Where they say nothing it is user (NULL = not known), at this machine. */
int sqitch_user_find(const struct folder *f, const char *user, struct arena *arena,
                     struct sqitch_user *out, struct dunlin_error *err);

#endif
