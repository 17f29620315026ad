/* SPDX-License-Identifier: MIT */
/* The statements of one section, one by one, from where its text is. */
#ifndef DUNLIN_RUN_BODY_H
#define DUNLIN_RUN_BODY_H

#include "run/batch.h"

/* Called for each statement (number from 1) and for each chunk of COPY data behind one. A return
 * other than 0 ends the walk and is returned. */
typedef int (*body_fn)(void *user, const struct piece *piece, uint32_t number,
                       enum dunlin_effect effect, struct dunlin_error *err);

int body_each(struct run *r, struct plan_script *s, body_fn fn, void *user,
              struct dunlin_error *err);

/* Feeds COPY data to the server; the statement itself is sent before the first chunk. */
struct copy_feed {
    struct batch *batch;
    struct batch_script *of;
    bool open;
    uint32_t number, line, column;
    char text[BATCH_EXCERPT]; /* the statement's start */
};
/* Sends what the batch holds, then begins the COPY. */
int copy_feed_begin(struct copy_feed *c, struct batch *b, struct batch_script *of,
                    const struct piece *piece, uint32_t number, struct dunlin_error *err);
int copy_feed_data(struct copy_feed *c, const struct piece *piece, struct dunlin_error *err);
/* Makes the server drop a COPY that the text did not finish. */
void copy_feed_abort(struct copy_feed *c);

/* Runs this hook of every folder (the item's folder only when label is given). */
int hooks_run(struct run *r, enum hook hook, const char *label, struct dunlin_error *err);
bool hooks_any(const struct run *r, enum hook hook, const char *label);

#endif
