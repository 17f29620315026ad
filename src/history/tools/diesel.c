/* SPDX-License-Identifier: MIT */
#include "history/tools/tools.h"

const struct foreign foreign_diesel = {.name = "diesel", .tool = "diesel"};
