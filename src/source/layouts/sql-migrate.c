/* SPDX-License-Identifier: MIT */
/*
 * sql-migrate: every .sql file, known by its whole name. Lines that begin with "-- +migrate " are
 * commands; what stands before the first section is left out. StatementEnd ends a statement also
 * where no semicolon does.
 */
#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "source/layouts/layouts.h"
#include "source/listing.h"
#include "source/rewrite.h"

#define COMMAND "-- +migrate "

static const char *sql_migrate_recognise(struct glance *g)
{
    return glance_line(g, COMMAND) ? "a line \"-- +migrate\"" : NULL;
}

/* ---- files ----------------------------------------------------------------------------------- */

static int entry(const char *name, bool folder, void *user, struct dunlin_error *err)
{
    struct listing *l = user;
    size_t stem, skip;
    struct migration *m;

    if (folder || !name_ends(name, ".sql", &stem))
        return DUNLIN_OK;
    m = listing_add(l, name, stem);
    if (!m)
        return error_nomem(err);
    skip = leading_digits(m->version);
    if (skip && m->version[skip] && strchr("-_", m->version[skip]))
        m->name = m->version + skip + 1;
    else
        m->name = m->version;
    m->key = listing_text(l, name, strlen(name), 0, 0);
    return m->key ? listing_file(l, name, PART_BY_NAME, &m->up, err) : error_nomem(err);
}

/* Those with a number come first; of one number, and without any, the names decide. */
static int by_prefix(const void *a, const void *b)
{
    const struct migration *x = a, *y = b;
    bool nx = leading_digits(x->version) > 0, ny = leading_digits(y->version) > 0;
    const char *dx = x->version + strspn(x->version, "0");
    const char *dy = y->version + strspn(y->version, "0");
    size_t lx = leading_digits(dx), ly = leading_digits(dy);

    if (nx != ny)
        return nx ? -1 : 1;
    if (nx && (lx != ly || strncmp(dx, dy, lx) != 0))
        return lx != ly ? (lx < ly ? -1 : 1) : strncmp(dx, dy, lx);
    return strcmp(x->key, y->key);
}

static int sql_migrate_list(struct folder *f, enum unnumbered unnumbered, struct arena *arena,
                            struct dunlin_error *err)
{
    struct listing l = LISTING_INIT(f, arena);
    int rc;

    (void)unnumbered;
    rc = folder_entries(f, NULL, entry, &l, err);
    return listing_done(&l, by_prefix, rc, err);
}

/* ---- commands -------------------------------------------------------------------------------- */

enum { BEFORE = 0, IN_UP, IN_DOWN };
enum { SEEN_UP = 1, SEEN_DOWN = 2, SEEN_OPEN = 4 };

/* Whether the text is this one word. */
static bool is_word(const char *text, size_t len, const char *word)
{
    return len == strlen(word) && memcmp(text, word, len) == 0;
}

static int section(struct rewrite *w, bool down, const char *option, size_t len,
                   struct dunlin_error *err)
{
    unsigned bit = down ? SEEN_DOWN : SEEN_UP;
    bool alone = is_word(option, len, "notransaction");
    char mark[40];

    if (w->seen & SEEN_OPEN)
        return rewrite_refuse(w, err, NULL, "StatementBegin in line %u has no StatementEnd",
                              w->kept);
    if (len > 0 && !alone)
        return rewrite_refuse(w, err, "the only option of a section is notransaction",
                              "unknown option of sql-migrate \"%.*s\"", len > 100 ? 100 : (int)len,
                              option);
    if (w->seen & bit)
        return rewrite_refuse(w, err, "put their statements into one", "a second %s section",
                              down ? "Down" : "Up");
    w->seen |= bit;
    w->at = down ? IN_DOWN : IN_UP;
    snprintf(mark, sizeof(mark), "%s%s", down ? "down" : "up", alone ? " transaction:off" : "");
    rewrite_mark(w, mark);
    return DUNLIN_OK;
}

/* Before the first section sql-migrate passes over these, too. */
static int statement(struct rewrite *w, bool begin, struct dunlin_error *err)
{
    bool open = w->seen & SEEN_OPEN;

    if (w->at == BEFORE) {
        rewrite_drop(w);
        return DUNLIN_OK;
    }
    if (open == begin)
        return rewrite_refuse(w, err, NULL, "%s",
                              begin ? "StatementBegin inside another one"
                                    : "StatementEnd without a StatementBegin");
    w->seen ^= SEEN_OPEN;
    w->kept = w->line;
    if (begin)
        rewrite_drop(w);
    else
        rewrite_text(w, ";", 1);
    return DUNLIN_OK;
}

static int obey(struct rewrite *w, const char *what, size_t len, struct dunlin_error *err)
{
    const char *option;
    size_t word = 0;

    text_trim(&what, &len);
    while (word < len && what[word] != ' ' && what[word] != '\t')
        word++;
    option = what + word;
    len -= word;
    text_trim(&option, &len);
    if (is_word(what, word, "Up"))
        return section(w, false, option, len, err);
    if (is_word(what, word, "Down"))
        return section(w, true, option, len, err);
    if (is_word(what, word, "StatementBegin"))
        return statement(w, true, err);
    if (is_word(what, word, "StatementEnd"))
        return statement(w, false, err);
    return rewrite_refuse(w, err, "commands are Up, Down, StatementBegin and StatementEnd",
                          "unknown command of sql-migrate \"%.*s\"", word > 100 ? 100 : (int)word,
                          what);
}

static int finish(const struct rewrite *w, struct dunlin_error *err)
{
    if (w->seen & SEEN_OPEN)
        return rewrite_refuse(w, err, NULL, "StatementBegin in line %u has no StatementEnd",
                              w->kept);
    if (!(w->seen & SEEN_UP))
        return rewrite_refuse(w, err, "begin it with \"-- +migrate Up\"", "no Up section");
    return DUNLIN_OK;
}

static int sql_migrate_rewrite(struct rewrite *w, const char *line, size_t len,
                               struct dunlin_error *err)
{
    size_t start = strlen(COMMAND);

    if (!line)
        return finish(w, err);
    if (len >= start && memcmp(line, COMMAND, start) == 0)
        return obey(w, line + start, len - start, err);
    if (w->at == BEFORE)
        rewrite_drop(w);
    return DUNLIN_OK;
}

const struct layout sql_migrate_layout = {.name = "sql-migrate",
                                          .tool = "sql-migrate",
                                          .listed = true,
                                          .recognise = sql_migrate_recognise,
                                          .list = sql_migrate_list,
                                          .rewrite = sql_migrate_rewrite};
