/* SPDX-License-Identifier: MIT */
#include "history/tools/tools.h"

const struct foreign foreign_sqitch = {.name = "sqitch", .tool = "sqitch"};
