/* SPDX-License-Identifier: MIT */
#include "history/tools/tools.h"

const struct foreign foreign_drizzle_v1 = {.name = "drizzle-v1", .tool = "drizzle-orm 1"};
