/* SPDX-License-Identifier: MIT */
#include "api/context.h"

int dunlin_switch(struct dunlin *d, struct dunlin_summary *summary, struct dunlin_error *err)
{
    int rc = run_switch(&d->run, summary, err);

    return rc ? rc : required_tables(d, err);
}
