/* SPDX-License-Identifier: MIT */
#include "history/tools/tools.h"

const struct foreign foreign_graphile_migrate = {.name = "graphile-migrate", .tool = "graphile-migrate"};
