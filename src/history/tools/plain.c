/* SPDX-License-Identifier: MIT */
#include "history/tools/tools.h"

const struct foreign foreign_plain = {.name = "plain", .tool = "a runner of its own"};
