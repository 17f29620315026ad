/* SPDX-License-Identifier: MIT */
#include "history/tools/tools.h"

const struct foreign foreign_knex = {.name = "knex", .tool = "knex"};
