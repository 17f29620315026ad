/* SPDX-License-Identifier: MIT */
#include "history/tools/tools.h"

const struct foreign foreign_sqlx = {.name = "sqlx", .tool = "sqlx"};
