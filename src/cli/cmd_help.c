/* SPDX-License-Identifier: MIT */
/* The help, written from the tables of options.c. */
#include <stdio.h>
#include <string.h>
#include "base/error.h"
#include "cli/app.h"

#define COLUMN 28 /* where explanations begin */
#define WIDTH 79

/* Writes text from column `at` on, broken at blanks, further lines indented to COLUMN. */
static void write_wrapped(FILE *to, size_t at, const char *text)
{
    if (at > COLUMN - 2) {
        fputc('\n', to);
        at = 0;
    }
    for (bool first = true; *text; first = false) {
        size_t len = strcspn(text, " ");

        if (!first && at + 1 + len > WIDTH) {
            fputc('\n', to);
            at = 0;
            first = true;
        }
        if (first)
            fprintf(to, "%*s", (int)(COLUMN - at), "");
        else
            fputc(' ', to);
        at = first ? COLUMN : at + 1;
        fwrite(text, 1, len, to);
        at += len;
        text += len + (text[len] == ' ');
    }
    fputc('\n', to);
}

static void write_option(FILE *to, const struct option_def *o)
{
    char head[80];
    int n = snprintf(head, sizeof(head), "  %c%c%s --%s%s%s", o->letter ? '-' : ' ',
                     o->letter ? o->letter : ' ', o->letter ? "," : " ", o->name,
                     o->argument ? " " : "", o->argument ? o->argument : "");

    fputs(head, to);
    write_wrapped(to, n > 0 ? (size_t)n : 0, o->help);
}

/* The options of one command alone, or those of all commands. */
static void write_options(FILE *to, const char *title, uint32_t commands, bool common)
{
    bool any = false;

    for (int i = 0; i < OPT_COUNT; i++) {
        const struct option_def *o = option_def((enum option_id)i);

        if ((o->commands == COMMANDS_ALL) != common || !(o->commands & commands))
            continue;
        if (!any)
            fprintf(to, "\n%s:\n", title);
        any = true;
        write_option(to, o);
    }
}

static void write_command(FILE *to, const struct command_def *c)
{
    char head[80];
    int n =
        snprintf(head, sizeof(head), "  %s%s%s", c->name, *c->arguments ? " " : "", c->arguments);

    fputs(head, to);
    write_wrapped(to, n > 0 ? (size_t)n : 0, c->help);
}

int help_write(FILE *to, const struct command_def *command)
{
    if (command) {
        fprintf(to, "usage: dunlin [options] %s%s%s\n\n%s\n", command->name,
                *command->arguments ? " " : "", command->arguments, command->help);
        if (command->more)
            fprintf(to, "%s\n", command->more);
        write_options(to, "options", COMMAND_BIT(command->id), false);
        write_options(to, "common options", COMMANDS_ALL, true);
    } else {
        fputs("usage: dunlin [options] COMMAND [options] [arguments]\n\n"
              "brings a database to the state that a folder of SQL files describes\n\n"
              "commands:\n",
              to);
        for (int i = 0; i < CMD_COUNT; i++)
            write_command(to, command_def((enum command_id)i));
        write_options(to, "options of every command", COMMANDS_ALL, true);
    }
    fputs("\nEach option that is not of a single command can be set by an environment\n"
          "variable (DUNLIN_LOCK_WAIT for --lock-wait), most also in the config file.\n"
          "The manual has more: man dunlin\n",
          to);
    return DUNLIN_OK;
}

int cmd_help(struct app *app)
{
    const struct settings *s = &app->settings;
    const struct command_def *c = NULL;

    if (s->noperands) {
        c = command_find(s->operands[0]);
        if (!c) {
            error_set(&app->err, DUNLIN_USAGE, DUNLIN_KIND_USAGE, "unknown command \"%s\"",
                      s->operands[0]);
            error_next(&app->err, "dunlin help");
            return DUNLIN_USAGE;
        }
    }
    return help_write(stdout, c);
}
