/* SPDX-License-Identifier: MIT */
/*
 * dbmate: a number and whatever follows it, ".sql"; known by the digits as they are written, and
 * in the order of the file names. "-- migrate:up" and "-- migrate:down" stand at the start of a
 * line; of the options behind them only transaction:false does something.
 */
#include <string.h>

#include "base/error.h"
#include "source/layouts/layouts.h"
#include "source/listing.h"
#include "source/rewrite.h"

/* ---- files ----------------------------------------------------------------------------------- */

static int entry(const char *name, bool folder, void *user, struct dunlin_error *err)
{
    struct listing *l = user;
    size_t digits = leading_digits(name), from = digits, stem;
    struct migration *m;

    if (folder || digits == 0 || !name_ends(name, ".sql", &stem))
        return DUNLIN_OK;
    m = listing_add(l, name, digits);
    if (!m)
        return error_nomem(err);
    if (from < stem && (name[from] == '_' || name[from] == '-'))
        from++;
    m->name = listing_text(l, name + from, stem - from, 0, 0);
    return m->name ? listing_file(l, name, PART_BY_NAME, &m->up, err) : error_nomem(err);
}

static int dbmate_list(struct folder *f, enum unnumbered unnumbered, struct arena *arena,
                       struct dunlin_error *err)
{
    struct listing l = LISTING_INIT(f, arena);
    int rc;

    (void)unnumbered;
    rc = folder_entries(f, NULL, entry, &l, err);
    return listing_done(&l, by_file, rc, err);
}

/* ---- directives ------------------------------------------------------------------------------ */

enum { BEFORE = 0, UP, DOWN };
enum { SEEN_EARLY_DOWN = 1 };

/* What \s is in its regular expressions, within a line. */
static bool is_space(char c)
{
    return c == ' ' || c == '\t' || c == '\f' || c == '\r';
}

static size_t spaces(const char *text, size_t len)
{
    size_t n = 0;

    while (n < len && is_space(text[n]))
        n++;
    return n;
}

/* Whether the line is "--", blank, "migrate:"; *rest gets what stands behind that. */
static bool is_directive(const char *line, size_t len, const char **rest, size_t *left)
{
    size_t n;

    if (len < 2 || memcmp(line, "--", 2) != 0)
        return false;
    n = 2 + spaces(line + 2, len - 2);
    return text_begins(line + n, len - n, "migrate:", rest, left) &&
           *rest == line + n + strlen("migrate:");
}

/* Whether the word stands there and ends there; *rest moves behind it. */
static bool takes(const char *word, const char **rest, size_t *left)
{
    size_t n = strlen(word);

    if (*left < n || memcmp(*rest, word, n) != 0 || (*left > n && !is_space((*rest)[n])))
        return false;
    *rest += n;
    *left -= n;
    return true;
}

/* Of several the last one counts. A word with two colons is none. */
static bool without_transaction(const char *text, size_t len)
{
    static const char key[] = "transaction:";
    bool off = false;

    while (len > 0) {
        size_t n = spaces(text, len), size = 0;

        text += n;
        len -= n;
        while (size < len && !is_space(text[size]))
            size++;
        if (size >= sizeof(key) - 1 && memcmp(text, key, sizeof(key) - 1) == 0 &&
            !memchr(text + sizeof(key) - 1, ':', size - (sizeof(key) - 1)))
            off =
                size == strlen("transaction:false") && memcmp(text, "transaction:false", size) == 0;
        text += size;
        len -= size;
    }
    return off;
}

static int up(struct rewrite *w, bool off, struct dunlin_error *err)
{
    if (w->at == UP)
        return rewrite_refuse(w, err, "dbmate wants a \"-- migrate:down\" between two of them",
                              "a second migrate:up; the first is in line %u", w->kept);
    if (w->at == DOWN)
        return rewrite_refuse(w, err,
                              "dbmate itself runs the first part, records the version, and fails "
                              "on recording it again: put the second part into a file of its own",
                              "a second pair of migrate:up and migrate:down in one file; the "
                              "first begins in line %u",
                              w->kept);
    w->at = UP;
    w->kept = w->line;
    rewrite_mark(w, off ? "up transaction:off" : "up");
    return DUNLIN_OK;
}

/* Before the first migrate:up it is a comment like any other. */
static int down(struct rewrite *w, bool off, struct dunlin_error *err)
{
    if (w->at == DOWN)
        return rewrite_refuse(w, err, "dbmate wants one behind each migrate:up",
                              "a second migrate:down");
    if (w->at == BEFORE) {
        w->seen |= SEEN_EARLY_DOWN;
        return DUNLIN_OK;
    }
    w->at = DOWN;
    rewrite_mark(w, off ? "down transaction:off" : "down");
    return DUNLIN_OK;
}

static int ended(const struct rewrite *w, struct dunlin_error *err)
{
    if (w->at == BEFORE)
        return rewrite_refuse(w, err, "begin it with \"-- migrate:up\"", "no migrate:up");
    if (w->at == UP)
        return rewrite_refuse(w, err,
                              w->seen & SEEN_EARLY_DOWN
                                  ? "dbmate wants migrate:up before migrate:down"
                                  : "dbmate wants one, if need be with nothing behind it: "
                                    "\"-- migrate:down\"",
                              "no migrate:down behind the migrate:up in line %u", w->kept);
    return DUNLIN_OK;
}

static bool is_text(const char *line, size_t len)
{
    text_trim(&line, &len);
    return len > 0 && (len < 2 || memcmp(line, "--", 2) != 0);
}

static int dbmate_rewrite(struct rewrite *w, const char *line, size_t len, struct dunlin_error *err)
{
    const char *rest;
    size_t left;

    if (!line)
        return ended(w, err);
    if (!is_directive(line, len, &rest, &left)) {
        if (w->at != BEFORE || !is_text(line, len))
            return DUNLIN_OK;
        return rewrite_refuse(w, err, "only blank lines and lines that begin with -- may do so",
                              "something stands before the migrate:up");
    }
    if (takes("up", &rest, &left))
        return up(w, without_transaction(rest, left), err);
    if (takes("down", &rest, &left))
        return down(w, without_transaction(rest, left), err);
    return rewrite_refuse(w, err,
                          "directives are migrate:up and migrate:down; for dbmate this line is a "
                          "comment: write it in other words",
                          "unknown directive \"migrate:%.*s\"", (int)(left > 100 ? 100 : left),
                          rest);
}

/* Its folders cannot be told from dunlin's own. */
const struct layout dbmate_layout = {.name = "dbmate",
                                     .tool = "dbmate",
                                     .listed = true,
                                     .list = dbmate_list,
                                     .rewrite = dbmate_rewrite};
