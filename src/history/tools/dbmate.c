/* SPDX-License-Identifier: MIT */
#include "history/tools/tools.h"

const struct foreign foreign_dbmate = {.name = "dbmate", .tool = "dbmate"};
