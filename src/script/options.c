/* SPDX-License-Identifier: MIT */
/*
 * "-- migrate:up transaction:off timeout:30s": one table says which options there are, which
 * sections take them and what values they have; what is not in it is an error with its place.
 */
#include "script/options.h"

#include <string.h>

#include "base/duration.h"
#include "base/error.h"
#include "base/mark.h"

#define IN_UP (1u << SECTION_UP)
#define IN_DOWN (1u << SECTION_DOWN)
#define IN_VERIFY (1u << SECTION_VERIFY)
#define IN_ALL (IN_UP | IN_DOWN | IN_VERIFY)

/* A word of the line; data NULL = none. */
struct word {
    const char *data;
    size_t len;
};

/* ---- values --------------------------------------------------------------------------------- */

static bool word_is(struct word w, const char *text)
{
    return w.data && w.len == strlen(text) && memcmp(w.data, text, w.len) == 0;
}

static bool set_transaction(struct section_options *o, struct word value)
{
    if (word_is(value, "auto"))
        o->transaction = TRANSACTION_AUTO;
    else if (word_is(value, "on") || word_is(value, "true"))
        o->transaction = TRANSACTION_ON;
    else if (word_is(value, "off") || word_is(value, "false"))
        o->transaction = TRANSACTION_OFF;
    else
        return false;
    return true;
}

static bool set_timeout(struct section_options *o, struct word value)
{
    o->timeout_given = true;
    return value.data && duration_parse(value.data, value.len, &o->timeout_ms);
}

static bool set_lock_timeout(struct section_options *o, struct word value)
{
    o->lock_timeout_given = true;
    return value.data && duration_parse(value.data, value.len, &o->lock_timeout_ms);
}

static bool set_tolerate(struct section_options *o, struct word value)
{
    const char *p = value.data, *end = p ? p + value.len : NULL;

    while (p && p <= end) {
        const char *comma = p < end ? memchr(p, ',', (size_t)(end - p)) : NULL;
        struct word one = {p, (size_t)((comma ? comma : end) - p)};

        if (word_is(one, "exists"))
            o->tolerate_exists = true;
        else if (word_is(one, "missing"))
            o->tolerate_missing = true;
        else
            return false;
        p = comma ? comma + 1 : end + 1;
    }
    return value.data != NULL;
}

static bool set_foreign_keys(struct section_options *o, struct word value)
{
    o->foreign_keys_off = true;
    return word_is(value, "off");
}

static bool set_substitute(struct section_options *o, struct word value)
{
    o->substitute = true;
    return word_is(value, "on");
}

static bool set_irreversible(struct section_options *o, struct word value)
{
    o->irreversible = true;
    return value.data == NULL;
}

struct option {
    const char *name;
    unsigned sections;
    const char *values; /* for the hint */
    bool (*set)(struct section_options *o, struct word value);
};

static const struct option options[] = {
    {"transaction", IN_UP | IN_DOWN, "write transaction:auto, transaction:on or transaction:off",
     set_transaction},
    {"timeout", IN_ALL, "write a duration: timeout:30s (units ms, s, m, h)", set_timeout},
    {"lock-timeout", IN_ALL, "write a duration: lock-timeout:5s (units ms, s, m, h)",
     set_lock_timeout},
    {"tolerate", IN_UP | IN_DOWN, "write tolerate:exists, tolerate:missing or both with a comma",
     set_tolerate},
    {"foreign-keys", IN_UP | IN_DOWN, "write foreign-keys:off", set_foreign_keys},
    {"substitute", IN_ALL, "write substitute:on", set_substitute},
    {"irreversible", IN_UP | IN_DOWN, "write irreversible, without a value", set_irreversible},
};

#define OPTIONS (sizeof(options) / sizeof(options[0]))

/* ---- places and messages -------------------------------------------------------------------- */

/* The column of a byte of the line: continuation bytes of UTF-8 do not count. */
static uint32_t column_of(const struct piece *piece, const char *at)
{
    uint32_t column = piece->column;

    for (const char *p = piece->sql; p < at; p++)
        column += ((unsigned char)*p & 0xc0) != 0x80;
    return column;
}

#define DISTANCE_MAX 32

/* How many letters to change, add or drop to make one word the other; large for long words. */
static size_t distance(struct word a, const char *b)
{
    size_t row[DISTANCE_MAX + 1], lb = strlen(b);

    if (a.len > DISTANCE_MAX || lb > DISTANCE_MAX)
        return DISTANCE_MAX;
    for (size_t j = 0; j <= lb; j++)
        row[j] = j;
    for (size_t i = 1; i <= a.len; i++) {
        size_t diagonal = row[0];

        row[0] = i;
        for (size_t j = 1; j <= lb; j++) {
            size_t change = diagonal + (a.data[i - 1] != b[j - 1]);
            size_t least = row[j] < row[j - 1] ? row[j] + 1 : row[j - 1] + 1;

            diagonal = row[j];
            row[j] = change < least ? change : least;
        }
    }
    return row[lb];
}

/* Whether the word may be a slip for the name: no more than a third of it differs. */
static bool resembles(struct word w, const char *name)
{
    return distance(w, name) * 3 <= strlen(name) + 1;
}

static int refuse_option(const struct piece *piece, const char *file, struct word w,
                         struct dunlin_error *err)
{
    error_set(err, DUNLIN_BAD_FILE, DUNLIN_KIND_FILE, "unknown option \"%.*s\"",
              (int)(w.len > 200 ? 200 : w.len), w.data);
    error_place(err, file, piece->line, column_of(piece, w.data));
    error_hint(err, "options are transaction, timeout, lock-timeout, tolerate, foreign-keys, "
                    "substitute and irreversible");
    for (size_t i = 0; i < w.len; i++)
        if (w.data[i] == ':' || w.data[i] == '=')
            w.len = i;
    for (size_t i = 0; i < OPTIONS; i++) {
        if (!resembles(w, options[i].name))
            continue;
        error_hint(err, "did you mean %s? %s", options[i].name, options[i].values);
        break;
    }
    return DUNLIN_BAD_FILE;
}

/* ---- one option ----------------------------------------------------------------------------- */

static int set_option(const struct piece *piece, const char *file, const struct option *o,
                      struct word w, struct word value, struct mark *out, struct dunlin_error *err)
{
    const char *section = section_name(out->kind);

    if (!(o->sections & 1u << out->kind))
        error_set(err, DUNLIN_BAD_FILE, DUNLIN_KIND_FILE, "a %s section has no option \"%s\"",
                  section, o->name);
    else if (o->set(&out->options, value))
        return DUNLIN_OK;
    else if (value.data)
        error_set(err, DUNLIN_BAD_FILE, DUNLIN_KIND_FILE, "option \"%s\" cannot be \"%.*s\"",
                  o->name, (int)(value.len > 200 ? 200 : value.len), value.data);
    else
        error_set(err, DUNLIN_BAD_FILE, DUNLIN_KIND_FILE, "option \"%s\" needs a value", o->name);
    error_hint(err, "%s", o->values);
    error_place(err, file, piece->line, column_of(piece, w.data));
    return DUNLIN_BAD_FILE;
}

static int parse_option(const struct piece *piece, const char *file, struct word w, unsigned *seen,
                        struct mark *out, struct dunlin_error *err)
{
    const char *colon = memchr(w.data, ':', w.len);
    struct word name = {w.data, colon ? (size_t)(colon - w.data) : w.len};
    struct word value = {NULL, 0};
    size_t i = 0;

    if (colon) {
        value.data = colon + 1;
        value.len = w.len - name.len - 1;
    }
    while (i < OPTIONS && !word_is(name, options[i].name))
        i++;
    if (i == OPTIONS)
        return refuse_option(piece, file, w, err);
    if (*seen & 1u << i) {
        error_set(err, DUNLIN_BAD_FILE, DUNLIN_KIND_FILE, "option \"%s\" is given twice",
                  options[i].name);
        error_place(err, file, piece->line, column_of(piece, w.data));
        return DUNLIN_BAD_FILE;
    }
    *seen |= 1u << i;
    return set_option(piece, file, &options[i], w, value, out, err);
}

/* ---- the line ------------------------------------------------------------------------------- */

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\f' || c == '\v';
}

/* Takes the next word off the front of *rest. */
static bool next_word(struct word *rest, struct word *w)
{
    while (rest->len && is_blank(*rest->data)) {
        rest->data++;
        rest->len--;
    }
    w->data = rest->data;
    w->len = 0;
    while (w->len < rest->len && !is_blank(w->data[w->len]))
        w->len++;
    rest->data += w->len;
    rest->len -= w->len;
    return w->len > 0;
}

static bool skip_text(struct word *rest, const char *text)
{
    size_t n = strlen(text);

    if (rest->len < n || memcmp(rest->data, text, n) != 0)
        return false;
    rest->data += n;
    rest->len -= n;
    return true;
}

static int refuse_mark(const struct piece *piece, const char *file, struct word w,
                       struct dunlin_error *err)
{
    error_set(err, DUNLIN_BAD_FILE, DUNLIN_KIND_FILE, "unknown mark \"%.*s\"",
              (int)(w.len > 200 ? 200 : w.len), w.data);
    error_place(err, file, piece->line, column_of(piece, w.data));
    error_hint(err, "marks are migrate:up, migrate:down and migrate:verify");
    return DUNLIN_BAD_FILE;
}

/* foreign: put in by a layout. */
static int parse_section(const struct piece *piece, const char *file, struct word rest,
                         bool foreign, struct mark *out, struct dunlin_error *err)
{
    struct word w, kind;
    unsigned seen = 0, k = 0;
    int rc = DUNLIN_OK;

    next_word(&rest, &w);
    kind = w;
    (void)skip_text(&kind, "migrate:"); /* the lexer takes nothing else for a mark */
    out->all = foreign && word_is(kind, "all");
    while (k < SECTION_COUNT && !word_is(kind, section_name((enum section_kind)k)))
        k++;
    if (out->all)
        k = SECTION_UP;
    if (k == SECTION_COUNT)
        return refuse_mark(piece, file, w, err);
    out->kind = (enum section_kind)k;
    while (rc == DUNLIN_OK && next_word(&rest, &w))
        rc = parse_option(piece, file, w, &seen, out, err);
    return rc;
}

int mark_parse(const struct piece *piece, const char *file, struct mark *out,
               struct dunlin_error *err)
{
    struct word rest = {piece->sql, piece->sql_len};

    memset(out, 0, sizeof(*out));
    skip_text(&rest, "--");
    if (rest.len && *rest.data == MARK_BYTE) {
        rest.data++;
        rest.len--;
        return parse_section(piece, file, rest, true, out, err);
    }
    while (rest.len && is_blank(*rest.data)) {
        rest.data++;
        rest.len--;
    }
    if (!skip_text(&rest, "Description:"))
        return parse_section(piece, file, rest, false, out, err);
    out->description = true;
    while (rest.len && is_blank(*rest.data)) {
        rest.data++;
        rest.len--;
    }
    while (rest.len && is_blank(rest.data[rest.len - 1]))
        rest.len--;
    out->text = rest.data;
    out->len = rest.len;
    return DUNLIN_OK;
}

int section_options_parse(const char *text, const char *file, struct section_options *out,
                          struct dunlin_error *err)
{
    const struct piece piece = {.sql = text, .sql_len = strlen(text), .line = 1, .column = 1};
    struct word rest = {text, piece.sql_len}, w;
    struct mark mark = {.kind = SECTION_UP};
    unsigned seen = 0;
    int rc = DUNLIN_OK;

    while (rc == DUNLIN_OK && next_word(&rest, &w))
        rc = parse_option(&piece, file, w, &seen, &mark, err);
    *out = mark.options;
    return rc;
}

void mark_write(struct buf *b, enum section_kind kind, const struct section_options *o)
{
    static const char *const transactions[] = {[TRANSACTION_AUTO] = "",
                                               [TRANSACTION_ON] = " transaction:on",
                                               [TRANSACTION_OFF] = " transaction:off"};

    buf_addf(b, "-- migrate:%s%s", section_name(kind), transactions[o->transaction]);
    if (o->timeout_given)
        buf_addf(b, " timeout:%llums", (unsigned long long)o->timeout_ms);
    if (o->lock_timeout_given)
        buf_addf(b, " lock-timeout:%llums", (unsigned long long)o->lock_timeout_ms);
    if (o->tolerate_exists || o->tolerate_missing)
        buf_addf(b, " tolerate:%s%s%s", o->tolerate_exists ? "exists" : "",
                 o->tolerate_exists && o->tolerate_missing ? "," : "",
                 o->tolerate_missing ? "missing" : "");
    buf_adds(b, o->foreign_keys_off ? " foreign-keys:off" : "");
    buf_adds(b, o->substitute ? " substitute:on" : "");
    buf_adds(b, o->irreversible ? " irreversible" : "");
}
