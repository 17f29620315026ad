/* SPDX-License-Identifier: MIT */
/* The program; all of it is in app.c, where tests can reach it. */
#include "cli/app.h"

int main(int argc, char **argv)
{
    return app_main(argc, argv);
}
