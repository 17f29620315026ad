/* SPDX-License-Identifier: MIT */
#include "cli/color.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

bool terminal_wanted(FILE *stream)
{
    const char *term = getenv("TERM");

    return isatty(fileno(stream)) && term && *term && strcmp(term, "dumb") != 0;
}

bool color_wanted(enum color_mode mode, FILE *stream)
{
    const char *no_color = getenv("NO_COLOR");

    if (mode != COLOR_AUTO)
        return mode == COLOR_ALWAYS;
    return !(no_color && *no_color) && terminal_wanted(stream);
}

const char *color_begin(bool on, enum color color)
{
    static const char *const sequences[] = {
        [COLOR_NONE] = "",          [COLOR_GOOD] = "\x1b[32m", [COLOR_WAITING] = "\x1b[33m",
        [COLOR_BAD] = "\x1b[1;31m", [COLOR_FAINT] = "\x1b[2m",
    };

    return on ? sequences[color] : "";
}

const char *color_end(bool on, enum color color)
{
    return on && color != COLOR_NONE ? "\x1b[0m" : "";
}
