/* SPDX-License-Identifier: MIT */
#include "history/tools/tools.h"

const struct foreign foreign_tern = {.name = "tern", .tool = "tern"};
