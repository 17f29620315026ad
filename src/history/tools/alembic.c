/* SPDX-License-Identifier: MIT */
#include "history/tools/tools.h"

const struct foreign foreign_alembic = {.name = "alembic", .tool = "alembic"};
