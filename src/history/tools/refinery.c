/* SPDX-License-Identifier: MIT */
#include "history/tools/tools.h"

const struct foreign foreign_refinery = {.name = "refinery", .tool = "refinery"};
