/* SPDX-License-Identifier: MIT */
/*
 * sqitch: the folder that holds sqitch.plan, with deploy/NAME.sql and revert/NAME.sql for each
 * change of it. The scripts of a change that was reworked later are NAME@TAG.sql. They are text for
 * a client, whose commands are refused. verify/NAME.sql is not looked at: to sqitch one that
 * selects nothing is right, and one that is missing is no fault, so it is none of dunlin's verify
 * sections.
 */
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/error.h"
#include "source/folder.h"
#include "source/hash.h"
#include "source/layouts/layouts.h"
#include "source/layouts/sqitch-plan.h"
#include "source/listing.h"
#include "source/rewrite.h"

#define CONF_MAX (1024u * 1024u)

static const char *sqitch_recognise(struct glance *g)
{
    return folder_has(g->folder, SQITCH_PLAN) ? "its " SQITCH_PLAN : NULL;
}

/* ---- files ----------------------------------------------------------------------------------- */

struct place {
    struct listing *l;
    const struct sqitch_plan *plan;
    char extension[64];
};

/* "deploy/NAME@TAG.sql"; tag NULL = none. */
static char *file_name(const struct place *at, const char *sub, const struct sqitch_change *c,
                       const char *tag)
{
    return arena_printf(at->l->arena, "%s/%s%s.%s", sub, c->name, tag ? tag : "", at->extension);
}

/* One of the tags that stand between a change and the one that reworks it: that of which there is a
 * file, else the one that sqitch would take. */
static const char *rework_tag(const struct place *at, const struct sqitch_change *c)
{
    const struct sqitch_plan *p = at->plan;
    const char *first = NULL;

    for (size_t i = c->reworked; i-- > 0 && &p->changes[i] >= c;) {
        const struct sqitch_change *behind = &p->changes[i];

        for (size_t k = 0; k < behind->ntags; k++) {
            const char *tag = p->tags[behind->first_tag + k].name;
            const char *name = file_name(at, "deploy", c, tag);

            first = first ? first : tag;
            if (name && !folder_lacks(p->folder, name))
                return tag;
        }
    }
    return first;
}

/* Reworking must not change what an applied change is called, as its scripts' names do: the first
 * of a name keeps it, the next ones are "NAME#2" and so on, which is no name of another change. */
static char *version_of(const struct place *at, const struct sqitch_change *c)
{
    return c->copy > 1 ? arena_printf(at->l->arena, "%s#%u", c->name, c->copy)
                       : arena_strdup(at->l->arena, c->name);
}

static int change_add(struct place *at, const struct sqitch_change *c, struct dunlin_error *err)
{
    const char *tag = c->reworked ? rework_tag(at, c) : NULL;
    char *version = version_of(at, c);
    char *deploy = file_name(at, "deploy", c, tag), *revert = file_name(at, "revert", c, tag);
    struct migration *m;
    int rc;

    if (!version || !deploy || !revert)
        return error_nomem(err);
    if (folder_lacks(at->plan->folder, deploy))
        return sqitch_refuse(at->plan, c->line, err,
                             "bring the file back, or take the line out of the plan",
                             "%s/%s does not exist", at->plan->folder->path, deploy);
    m = listing_add(at->l, version, strlen(version));
    if (!m)
        return error_nomem(err);
    m->key = c->id;
    m->name = c->name;
    m->extra = c;
    rc = listing_file(at->l, deploy, PART_UP, &m->up, err);
    if (!rc && !folder_lacks(at->plan->folder, revert))
        rc = listing_file(at->l, revert, PART_DOWN, &m->down, err);
    return rc;
}

/* Where the scripts are, elsewhere is not looked for; and where the registry is. */
static int conf_read(struct place *at, const char *text, struct dunlin_error *err)
{
    static const char *const keys[] = {"deploy_dir", "revert_dir", "reworked_dir",
                                       "reworked_deploy_dir", "reworked_revert_dir"};
    char value[SQITCH_VALUE_SIZE];
    uint32_t line;

    for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
        if (!sqitch_conf_value(text, "core", keys[i], value, sizeof(value), &line))
            continue;
        error_set(err, DUNLIN_BAD_FILE, DUNLIN_KIND_FILE, "%s puts scripts into another folder",
                  keys[i]);
        error_place(err, folder_join(at->plan->folder, SQITCH_CONF, at->l->arena), line, 1);
        error_hint(err, "dunlin looks for deploy and revert beside " SQITCH_PLAN);
        return DUNLIN_BAD_FILE;
    }
    if (!sqitch_conf_value(text, "core", "extension", at->extension, sizeof(at->extension), NULL) ||
        strchr(at->extension, '/'))
        snprintf(at->extension, sizeof(at->extension), "sql");
    if (!sqitch_conf_registry(text, at->plan->folder->engine, value))
        return DUNLIN_OK;
    at->l->folder->history_schema = arena_strdup(at->l->arena, value);
    return at->l->folder->history_schema ? DUNLIN_OK : error_nomem(err);
}

static int conf_take(struct place *at, struct dunlin_error *err)
{
    const struct folder *f = at->plan->folder;
    struct buf text = BUF_INIT(CONF_MAX);
    int rc = folder_lacks(f, SQITCH_CONF) ? DUNLIN_OK : folder_read(f, SQITCH_CONF, &text, err);

    if (!rc)
        rc = conf_read(at, buf_str(&text), err);
    buf_free(&text);
    return rc;
}

static int sqitch_list(struct folder *f, enum unnumbered unnumbered, struct arena *arena,
                       struct dunlin_error *err)
{
    struct listing l = LISTING_INIT(f, arena);
    struct place at = {.l = &l};
    struct sqitch_plan *plan = NULL;
    int rc = sqitch_plan_read(f, arena, &plan, err);

    (void)unnumbered;
    at.plan = plan;
    if (!rc)
        rc = conf_take(&at, err);
    for (size_t i = 0; !rc && i < plan->count; i++)
        rc = source_refused(f, change_add(&at, &plan->changes[i], err), false, err);
    return listing_done(&l, NULL, rc, err);
}

/* ---- text for a client ----------------------------------------------------------------------- */

/* Where a line is, as far as the ends of those before it tell: between statements, inside of one,
 * or among the rows of a COPY. */
enum { BETWEEN = 0, INSIDE, ROWS };

/* Commands of the mysql client, which it takes only between statements, with no more than one word
 * behind them: a longer line may be one of a text. Other commands that begin with a backslash or a
 * point are refused where statements are split. */
static bool is_command(const char *line, size_t len)
{
    static const char *const words[] = {"source", "system",  "tee",     "notee",
                                        "pager",  "nopager", "charset", "connect"};
    const char *rest;
    size_t left;

    if (len > 2 && line[0] == '\\' && (line[1] == '!' || line[1] == '.'))
        return true;
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
        size_t n = strlen(words[i]);

        if (len < n || strncasecmp(line, words[i], n) != 0 || (len > n && !strchr(" \t;", line[n])))
            continue;
        rest = line + n;
        left = len - n;
        text_trim(&rest, &left);
        return !memchr(rest, ' ', left) && !memchr(rest, '\t', left);
    }
    return false;
}

/* The length of a variable of psql, :'name', which is in quotes and stands for a literal. In a text
 * that is for the server there is no such thing, not even inside a literal or a name. */
static size_t variable(const char *at, size_t len)
{
    size_t n = 2;

    if (len < 4 || at[0] != ':' || at[1] != '\'')
        return 0;
    while (n < len && (at[n] == '_' || (at[n] >= '0' && at[n] <= '9') ||
                       ((at[n] | 0x20) >= 'a' && (at[n] | 0x20) <= 'z')))
        n++;
    return n > 2 && n < len && at[n] == '\'' ? n + 1 : 0;
}

/* COPY .. FROM STDIN;, to tell rows from commands. */
static bool begins_rows(const char *line, size_t len)
{
    while (len && (line[len - 1] == ';' || line[len - 1] == ' '))
        len--;
    return len > 5 && strncasecmp(line + len - 5, "stdin", 5) == 0;
}

static int where_next(int at, const char *line, size_t len)
{
    if (at == ROWS)
        return len == 2 && line[0] == '\\' && line[1] == '.' ? BETWEEN : ROWS;
    if (line[len - 1] != ';' && (len < 9 || strncasecmp(line, "delimiter", 9) != 0))
        return INSIDE;
    return begins_rows(line, len) ? ROWS : BETWEEN;
}

static bool is_comment(const char *line, size_t len)
{
    return len == 0 || *line == '#' || (len > 1 && line[0] == '-' && line[1] == '-');
}

static int sqitch_rewrite(struct rewrite *w, const char *line, size_t len, struct dunlin_error *err)
{
    static const char hint[] =
        "dunlin sends the file to the server itself, which knows no commands "
        "and variables of a client; write it in SQL";

    if (!line)
        return DUNLIN_OK;
    text_trim(&line, &len);
    if (len && w->at == ROWS)
        w->at = where_next(w->at, line, len);
    if (w->at == ROWS || is_comment(line, len))
        return DUNLIN_OK;
    if (w->at == BETWEEN && is_command(line, len))
        return rewrite_refuse(w, err, hint, "client command %.*s is not SQL",
                              (int)(len < 60 ? len : 60), line);
    for (size_t i = 0; i < len; i++) {
        size_t n = variable(line + i, len - i);

        if (len - i > 1 && line[i] == '-' && line[i + 1] == '-')
            break;
        if (n && (i == 0 || line[i - 1] != ':'))
            return rewrite_refuse(w, err, hint, "client variable %.*s is not SQL",
                                  (int)(n < 60 ? n : 60), line + i);
    }
    w->at = where_next(w->at, line, len);
    return DUNLIN_OK;
}

/* ---- checksums ------------------------------------------------------------------------------- */

static int sqitch_checksum(const struct migration *m, char out[FOREIGN_SUM_SIZE],
                           struct dunlin_error *err)
{
    return file_hex(&m->up, SUM_SHA1, out, err);
}

/* Registries from before there were hashes have the id in their place. */
static int sqitch_accepts(const struct migration *m, const char *stored, bool *same,
                          struct dunlin_error *err)
{
    (void)err;
    *same = strcmp(stored, m->key) == 0;
    return DUNLIN_OK;
}

const struct layout sqitch_layout = {.name = "sqitch",
                                     .tool = "sqitch",
                                     .listed = true,
                                     .recognise = sqitch_recognise,
                                     .list = sqitch_list,
                                     .rewrite = sqitch_rewrite,
                                     .checksum = sqitch_checksum,
                                     .accepts = sqitch_accepts};
