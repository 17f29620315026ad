/* SPDX-License-Identifier: MIT */
#include "history/tools/tools.h"

const struct foreign foreign_rails = {.name = "rails", .tool = "Rails"};
