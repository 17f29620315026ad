/* SPDX-License-Identifier: MIT */
/*
 * diesel: a folder for each migration, with an up.sql in it, and maybe a down.sql and a
 * metadata.toml. The version is what stands before the first "_", without its dashes.
 */
#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "source/layouts/layouts.h"
#include "source/listing.h"
#include "source/rewrite.h"

#define METADATA_MAX (1024u * 1024u)

static const char *diesel_recognise(struct glance *g)
{
    return glance_below(g, "up.sql") ? "its folders with an up.sql" : NULL;
}

/* ---- metadata.toml --------------------------------------------------------------------------- */

/*
 * diesel reads it as TOML and wants to know one thing, run_in_transaction. A file without it says
 * false; one that is no TOML, or where it is neither true nor false, is as if it were not there.
 */
struct toml {
    const char *at;
    bool bad;
};

static void skip_blank(struct toml *t, bool lines)
{
    for (;;) {
        t->at += strspn(t->at, lines ? " \t\r\n" : " \t");
        if (*t->at != '#')
            return;
        t->at += strcspn(t->at, "\n");
    }
}

/* A string, also one of several lines; *t stands at its quote. */
static void skip_string(struct toml *t)
{
    char quote = *t->at;
    char ends[] = {quote, quote, quote, '\0'};
    bool three = strncmp(t->at, ends, 3) == 0;

    ends[three ? 3 : 1] = '\0';
    t->at += strlen(ends);
    while (*t->at && strncmp(t->at, ends, strlen(ends)) != 0) {
        if (!three && *t->at == '\n')
            break;
        t->at += *t->at == '\\' && quote == '"' && t->at[1] ? 2 : 1;
    }
    t->bad = t->bad || strncmp(t->at, ends, strlen(ends)) != 0;
    t->at += t->bad ? 0 : strlen(ends);
    if (!t->bad && three)
        t->at += strspn(t->at, ends); /* up to two more may stand before the end */
}

/* A value, without a look at what is in an array or a table. */
static void skip_value(struct toml *t)
{
    size_t depth = 0;

    do {
        skip_blank(t, depth > 0);
        if (*t->at == '"' || *t->at == '\'') {
            skip_string(t);
        } else if (*t->at == '[' || *t->at == '{') {
            depth++;
            t->at++;
        } else if (depth && (*t->at == ']' || *t->at == '}')) {
            depth--;
            t->at++;
        } else if (depth && (*t->at == ',' || *t->at == '=')) {
            t->at++;
        } else {
            size_t n = strcspn(t->at, " \t\r\n#,=[]{}\"'");
            bool number = strchr("+-0123456789", *t->at) != NULL;
            bool word = strncmp(t->at, "true", 4) == 0 || strncmp(t->at, "false", 5) == 0 ||
                        strncmp(t->at, "inf", 3) == 0 || strncmp(t->at, "nan", 3) == 0;

            t->bad = t->bad || n == 0 || (!depth && !number && !word);
            t->at += n;
        }
    } while (depth && !t->bad);
}

/* One part of a key; whether it is the one wanted. */
static bool take_word(struct toml *t, const char *wanted)
{
    static const char bare[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-";
    const char *from = t->at;
    bool quoted = *from == '"' || *from == '\'';
    size_t len;

    if (quoted)
        skip_string(t);
    else
        t->at += strspn(t->at, bare);
    len = (size_t)(t->at - from);
    t->bad = t->bad || len == 0;
    if (t->bad)
        return false;
    if (quoted) {
        from++;
        len -= 2;
    }
    skip_blank(t, false);
    return len == strlen(wanted) && memcmp(from, wanted, len) == 0;
}

/* A key of one part or more, and what has to stand behind it; whether it is the one wanted. That as
 * the name of a table is no truth value. */
static bool take_key(struct toml *t, bool top, const char *end)
{
    bool same, alone = *end == '=';

    skip_blank(t, false);
    same = take_word(t, "run_in_transaction") && top;
    while (!t->bad && *t->at == '.') {
        t->at++;
        skip_blank(t, false);
        (void)take_word(t, "");
        alone = false;
    }
    t->bad = t->bad || (same && !alone) || strncmp(t->at, end, strlen(end)) != 0;
    t->at += t->bad ? 0 : strlen(end);
    skip_blank(t, false);
    return same && !t->bad;
}

static void take_table(struct toml *t)
{
    bool array = t->at[1] == '[';

    t->at += array ? 2 : 1;
    (void)take_key(t, true, array ? "]]" : "]");
}

static void take_pair(struct toml *t, bool top, bool *found, bool *value)
{
    size_t len;

    if (!take_key(t, top, "=")) {
        if (!t->bad)
            skip_value(t);
        return;
    }
    len = strcspn(t->at, " \t\r\n#");
    *value = len == 4 && memcmp(t->at, "true", 4) == 0;
    t->bad = *found || (!*value && !(len == 5 && memcmp(t->at, "false", 5) == 0));
    *found = true;
    t->at += len;
}

static bool runs_in_transaction(const char *text)
{
    struct toml t = {.at = text};
    bool found = false, value = false, top = true;

    if (strncmp(text, "\xef\xbb\xbf", 3) == 0)
        t.at += 3;
    for (skip_blank(&t, true); *t.at && !t.bad; skip_blank(&t, true)) {
        if (*t.at == '[') {
            take_table(&t);
            top = false;
        } else {
            take_pair(&t, top, &found, &value);
        }
        skip_blank(&t, false);
        t.bad = t.bad || (*t.at && *t.at != '\n' && *t.at != '\r');
    }
    return t.bad || (found && value);
}

static int metadata(struct listing *l, const char *name, struct migration *m,
                    struct dunlin_error *err)
{
    struct buf text = BUF_INIT(METADATA_MAX);
    int rc;

    if (folder_lacks(l->folder, name))
        return DUNLIN_OK;
    rc = folder_read(l->folder, name, &text, err);
    if (rc == DUNLIN_OK && !runs_in_transaction(buf_str(&text)))
        m->up.options = m->down.options = "transaction:off";
    buf_free(&text);
    return rc;
}

/* ---- folders --------------------------------------------------------------------------------- */

static int see(const char *name, bool folder, void *user, struct dunlin_error *err)
{
    (void)name;
    (void)folder;
    (void)err;
    *(bool *)user = false;
    return DUNLIN_OK;
}

/* An empty folder is none, and one with something else in it a mistake. */
static int without_up(const struct folder *f, const char *name, struct dunlin_error *err)
{
    bool empty = true;
    int rc = folder_entries(f, name, see, &empty, err);

    if (rc || empty)
        return rc;
    error_set(err, DUNLIN_BAD_FILE, DUNLIN_KIND_FILE, "%s/%s/up.sql does not exist", f->path, name);
    error_hint(err, "bring it back, or remove its folder");
    return DUNLIN_BAD_FILE;
}

static int entry(const char *name, bool folder, void *user, struct dunlin_error *err)
{
    struct listing *l = user;
    size_t len = strcspn(name, "_"), used = 0;
    char way[512], version[256];
    struct migration *m;
    int rc;

    snprintf(way, sizeof(way), "%s/up.sql", name);
    if (!folder)
        return DUNLIN_OK;
    if (folder_lacks(l->folder, way))
        return without_up(l->folder, name, err);
    for (size_t i = 0; i < len && used + 1 < sizeof(version); i++) {
        if (name[i] != '-')
            version[used++] = name[i];
    }
    m = listing_add(l, version, used);
    if (!m)
        return error_nomem(err);
    len += name[len] == '_';
    m->name = listing_text(l, name + len, strlen(name + len), 0, 0);
    rc = m->name ? listing_file(l, way, PART_UP, &m->up, err) : error_nomem(err);
    snprintf(way, sizeof(way), "%s/down.sql", name);
    if (rc == DUNLIN_OK && !folder_lacks(l->folder, way))
        rc = listing_file(l, way, PART_DOWN, &m->down, err);
    snprintf(way, sizeof(way), "%s/metadata.toml", name);
    return rc ? rc : metadata(l, way, m, err);
}

static int diesel_list(struct folder *f, enum unnumbered unnumbered, struct arena *arena,
                       struct dunlin_error *err)
{
    struct listing l = LISTING_INIT(f, arena);
    int rc;

    (void)unnumbered;
    rc = folder_entries(f, NULL, entry, &l, err);
    return listing_done(&l, by_name, rc, err);
}

static int diesel_rewrite(struct rewrite *w, const char *line, size_t len, struct dunlin_error *err)
{
    (void)len;
    if (line || w->line || w->file->part != PART_UP)
        return DUNLIN_OK;
    return rewrite_refuse(w, err, "diesel runs no empty file; a comment in it will do",
                          "%s is empty", w->file->path);
}

const struct layout diesel_layout = {.name = "diesel",
                                     .tool = "diesel",
                                     .listed = true,
                                     .recognise = diesel_recognise,
                                     .list = diesel_list,
                                     .rewrite = diesel_rewrite};
