/* SPDX-License-Identifier: MIT */
#include "history/tools/tools.h"

const struct foreign foreign_atlas = {.name = "atlas", .tool = "Atlas"};
