/* SPDX-License-Identifier: MIT */
/*
 * tern: N_name.sql from 1 on, without gaps. A line parts what goes up from what goes down, another
 * one takes a part out of the transaction. Files are templates of Go, which only tern can fill in:
 * those that make use of it are refused.
 */
#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "source/layouts/layouts.h"
#include "source/listing.h"
#include "source/rewrite.h"

#define SEPARATOR "---- create above / drop below ----"
#define DISABLE_TX "---- tern: disable-tx ----"
#define CONF "tern.conf"
#define CONF_MAX (1024u * 1024u)
#define NUMBER_DIGITS 9 /* as many as surely fit into its column */

static const char *tern_recognise(struct glance *g)
{
    if (folder_has(g->folder, CONF))
        return "its " CONF;
    if (glance_line(g, SEPARATOR))
        return "a line \"" SEPARATOR "\"";
    return glance_line(g, DISABLE_TX) ? "a line \"" DISABLE_TX "\"" : NULL;
}

static bool text_is(const char *text, size_t len, const char *what)
{
    return len == strlen(what) && memcmp(text, what, len) == 0;
}

/* ---- files ----------------------------------------------------------------------------------- */

static int entry(const char *name, bool folder, void *user, struct dunlin_error *err)
{
    struct listing *l = user;
    size_t digits = leading_digits(name), stem;
    struct migration *m;
    int rc;

    if (folder || digits == 0 || name[digits] != '_' || !name_ends(name, ".sql", &stem) ||
        stem <= digits + 1)
        return DUNLIN_OK;
    m = listing_add(l, name, digits);
    if (!m)
        return error_nomem(err);
    m->key = digits_trim(m->version);
    m->name = listing_text(l, name + digits + 1, stem - digits - 1, 0, 0);
    if (!m->name)
        return error_nomem(err);
    rc = listing_file(l, name, PART_UP, &m->up, err);
    m->down = m->up;
    m->down.part = PART_DOWN;
    return rc;
}

/* The numbers are places in a list, so that each has to be there once. */
static int check_numbers(const struct folder *f, struct dunlin_error *err)
{
    char wanted[24];

    for (size_t i = 0; i < f->count; i++) {
        const struct migration *m = &f->migrations[i];

        snprintf(wanted, sizeof(wanted), "%zu", i + 1);
        if (strcmp(m->key, wanted) == 0)
            continue;
        if (strlen(m->key) > NUMBER_DIGITS || strcmp(m->key, "0") == 0)
            error_set(err, DUNLIN_BAD_FILE, DUNLIN_KIND_FILE, "%s has no number that tern knows",
                      m->up.path);
        else if (i > 0 && strcmp(m->key, m[-1].key) == 0)
            error_set(err, DUNLIN_BAD_FILE, DUNLIN_KIND_FILE,
                      "two files of %s have number %s: %s and %s", f->path, m->key, m[-1].up.name,
                      m->up.name);
        else
            error_set(err, DUNLIN_BAD_FILE, DUNLIN_KIND_FILE, "%s: migration %s is missing: %s %s",
                      f->path, wanted, i > 0 ? "the next one is" : "the first one is", m->up.name);
        error_hint(err, "tern wants the numbers from 1 on, each once and without gaps");
        return source_refused(f, DUNLIN_BAD_FILE, false, err);
    }
    return DUNLIN_OK;
}

/* A name as in SQL, so that capitals are none. What is quoted, or a template, only
 * --layout-table can say. */
static int conf_table(struct folder *f, const char *text, size_t len, struct arena *arena,
                      struct dunlin_error *err)
{
    char *name = arena_strndup(arena, text, len);

    for (char *p = name; p && *p; p++)
        *p = (char)tolower((unsigned char)*p);
    if (name && *name && !strpbrk(name, "{\""))
        f->history_table = name;
    return name ? DUNLIN_OK : error_nomem(err);
}

/* Where tern.conf says that the number is kept. */
static int conf_read(struct folder *f, struct arena *arena, struct dunlin_error *err)
{
    struct buf text = BUF_INIT(CONF_MAX);
    const char *at, *line, *rest;
    bool database = false;
    size_t len, left;
    int rc = folder_lacks(f, CONF) ? DUNLIN_OK : folder_read(f, CONF, &text, err);

    for (at = buf_str(&text); !rc && next_line(&at, &line, &len);) {
        text_trim(&line, &len);
        if (len && *line == '[')
            database = text_is(line, len, "[database]");
        if (!database || !text_begins(line, len, "version_table", &rest, &left) || !left ||
            *rest++ != '=')
            continue;
        left--;
        text_trim(&rest, &left);
        rc = conf_table(f, rest, left, arena, err);
    }
    buf_free(&text);
    return rc;
}

static int tern_list(struct folder *f, enum unnumbered unnumbered, struct arena *arena,
                     struct dunlin_error *err)
{
    struct listing l = LISTING_INIT(f, arena);
    int rc;

    (void)unnumbered;
    rc = folder_entries(f, NULL, entry, &l, err);
    rc = listing_done(&l, by_number, rc, err);
    if (!rc)
        rc = conf_read(f, arena, err);
    return rc ? rc : check_numbers(f, err);
}

/* ---- text ------------------------------------------------------------------------------------ */

enum { ABOVE = 0, BELOW };
enum { SEEN_SQL = 1 };

static bool contains(const char *text, size_t len, const char *what)
{
    size_t n = strlen(what);

    for (size_t i = 0; i + n <= len; i++) {
        if (memcmp(text + i, what, n) == 0)
            return true;
    }
    return false;
}

static int separator(struct rewrite *w, const char *text, size_t len, struct dunlin_error *err)
{
    if (!text_is(text, len, SEPARATOR))
        return rewrite_refuse(w, err, "put it on a line of its own",
                              "there is something beside \"" SEPARATOR "\"");
    w->at = BELOW;
    rewrite_drop(w);
    return DUNLIN_OK;
}

static int tern_rewrite(struct rewrite *w, const char *line, size_t len, struct dunlin_error *err)
{
    bool up = w->file->part != PART_DOWN;
    const char *text = line, *rest;
    size_t n = len, left;

    if (!line)
        return up && !(w->seen & SEEN_SQL)
                   ? rewrite_refuse(w, err, NULL, "there is nothing to run upwards but comments")
                   : DUNLIN_OK;
    if (contains(line, len, "{{"))
        return rewrite_refuse(w, err,
                              "only tern can fill it in: write into the file what comes out of it",
                              "a template of Go (\"{{\")");
    if (w->at == ABOVE && contains(line, len, SEPARATOR)) {
        text_trim(&text, &n);
        return separator(w, text, n, err);
    }
    if (up != (w->at == ABOVE)) {
        rewrite_drop(w);
        return DUNLIN_OK;
    }
    text_trim(&text, &n);
    if (n && !text_begins(text, n, "--", &rest, &left))
        w->seen |= SEEN_SQL;
    if (!text_begins(text, n, "---- tern:", &rest, &left))
        return DUNLIN_OK;
    if (!text_is(text, n, DISABLE_TX))
        return rewrite_refuse(w, err, "the only one is \"" DISABLE_TX "\"",
                              "unknown directive of tern \"%.*s\"", (int)(n > 100 ? 100 : n), text);
    rewrite_mark(w, "all transaction:off");
    return DUNLIN_OK;
}

const struct layout tern_layout = {.name = "tern",
                                   .tool = "tern",
                                   .listed = true,
                                   .whole_lines = true,
                                   .recognise = tern_recognise,
                                   .list = tern_list,
                                   .rewrite = tern_rewrite};
