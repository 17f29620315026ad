/* SPDX-License-Identifier: MIT */
#include "history/tools/tools.h"

const struct foreign foreign_supabase = {.name = "supabase", .tool = "the Supabase CLI"};
