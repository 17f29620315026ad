/* SPDX-License-Identifier: MIT */
#include "run/keys.h"

#include <string.h>

#include "base/error.h"
#include "run/batch.h"

#define ANSWER_SIZE 128

static int first_value(void *user, uint32_t n, const char *const *v, const uint64_t *lens)
{
    char *answer = user;

    (void)lens;
    if (n > 0 && v[0] && !answer[0])
        text_copy(answer, ANSWER_SIZE, v[0], strlen(v[0]));
    return 0;
}

/* The first value of the first row that has one. */
static int ask(struct run *r, const char *sql, char answer[ANSWER_SIZE], struct dunlin_error *err)
{
    int kind;

    answer[0] = '\0';
    kind = r->driver->query(r->conn, sql, strlen(sql), first_value, answer, err);
    return kind ? run_status(r, kind, err) : DUNLIN_OK;
}

bool keys_wanted(const struct section *s)
{
    return s->foreign_keys || s->options.foreign_keys_off;
}

int keys_suspend(struct run *r, bool *off, struct dunlin_error *err)
{
    const struct dunlin_dialect *d = r->dialect;
    char on[ANSWER_SIZE];
    int rc;

    *off = false;
    if (!d->foreign_keys_get)
        return DUNLIN_OK;
    rc = ask(r, d->foreign_keys_get, on, err);
    if (rc || !on[0] || strcmp(on, "0") == 0)
        return rc;
    *off = true;
    return batch_now(r, ENTRY_CONTROL, d->foreign_keys_off, err);
}

int keys_check(struct run *r, const char *path, struct dunlin_error *err)
{
    char table[ANSWER_SIZE];
    int rc = ask(r, r->dialect->foreign_keys_check, table, err);

    if (rc || !table[0])
        return rc;
    return error_set(err, DUNLIN_FAILED, DUNLIN_KIND_CONSTRAINT,
                     "after %s, rows of table %s break a foreign key", path, table);
}

int keys_restore(struct run *r, struct dunlin_error *err)
{
    bool cancelled = run_cancel_hold(r);
    int rc = batch_now(r, ENTRY_CONTROL, r->dialect->foreign_keys_on, err);

    run_cancel_release(r, cancelled);
    return rc;
}
