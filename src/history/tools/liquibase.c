/* SPDX-License-Identifier: MIT */
#include "history/tools/tools.h"

const struct foreign foreign_liquibase = {.name = "liquibase", .tool = "Liquibase"};
