/* SPDX-License-Identifier: MIT */
#include "history/tools/tools.h"

const struct foreign foreign_flyway = {.name = "flyway", .tool = "Flyway"};
