/* SPDX-License-Identifier: MIT */
/* The lines of Liquibase's formatted SQL: which are directives, in whatever case and with how much
 * blank, and where a delimiter ends a statement. */
#include "source/layouts/liquibase.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "source/rewrite.h"

static bool blank(char c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

bool text_is(const char *text, size_t len, const char *word)
{
    return strlen(word) == len && strncasecmp(text, word, len) == 0;
}

/* ---- directives ------------------------------------------------------------------------------ */

/* Whether the text begins with the word; then it is taken off. */
static bool take(const char **text, size_t *len, const char *word)
{
    size_t n = strlen(word);

    if (*len < n || strncasecmp(*text, word, n) != 0)
        return false;
    *text += n;
    *len -= n;
    return true;
}

static void take_blank(const char **text, size_t *len)
{
    while (*len && blank(**text)) {
        ++*text;
        --*len;
    }
}

static void say(struct directive *out, enum directive_kind kind, const char *text, size_t len)
{
    *out = (struct directive){kind, text, len};
}

static void wrong(struct directive *out, bool anywhere, const char *hint)
{
    say(out, anywhere ? DIRECTIVE_SLIP : DIRECTIVE_WRONG, hint, strlen(hint));
}

/* Behind the word: an optional colon, and one space. */
static bool colon_space(const char **text, size_t *len)
{
    (void)take(text, len, ":");
    return take(text, len, " ");
}

/* Two pairs with a colon each. */
static bool is_property(const char *text, size_t len)
{
    size_t pairs = 0;

    while (len) {
        size_t n = 0;

        take_blank(&text, &len);
        while (n < len && !blank(text[n]))
            n++;
        pairs += n && memchr(text, ':', n);
        text += n;
        len -= n;
    }
    return pairs > 1;
}

static void precondition(const char *text, size_t len, struct directive *out)
{
    size_t n = 0;

    while (n < len && (isalnum((unsigned char)text[n]) || text[n] == '-'))
        n++;
    if (n && n < len && text[n] == ' ')
        say(out, DIRECTIVE_PRECONDITION, text, len);
    else if (n && n == len)
        wrong(out, false, "--precondition-sql-check expectedResult:N SQL");
}

static void ignore_lines(const char *text, size_t len, struct directive *out)
{
    size_t n = 0;

    while (n < len && (isalnum((unsigned char)text[n]) || text[n] == '_'))
        n++;
    if (n && n == len)
        say(out, DIRECTIVE_IGNORE, text, len);
}

/* Behind two dashes and blank. first: they begin the line. */
static void of_comment(const char *text, size_t len, bool first, struct directive *out)
{
    if (take(&text, &len, "changeset"))
        say(out, DIRECTIVE_CHANGESET, text, len);
    else if (take(&text, &len, "property")) {
        if (is_property(text, len))
            say(out, DIRECTIVE_PROPERTY, text, len);
        else if (len && blank(*text))
            wrong(out, true, "--property name:NAME value:VALUE");
    } else if (take(&text, &len, "rollback ")) {
        say(out, DIRECTIVE_ROLLBACK, text, len);
    } else if (take(&text, &len, "preconditions")) {
        say(out, DIRECTIVE_PRECONDITIONS, text, len);
    } else if (take(&text, &len, "precondition-")) {
        precondition(text, len, out);
    } else if (!first) {
        return;
    } else if (take(&text, &len, "comments")) {
        if (colon_space(&text, &len))
            wrong(out, false, "--comment: TEXT");
    } else if (take(&text, &len, "comment")) {
        if (colon_space(&text, &len))
            say(out, DIRECTIVE_COMMENT, text, len);
    } else if (take(&text, &len, "validCheckSum")) {
        if (colon_space(&text, &len))
            say(out, DIRECTIVE_VALID, text, len);
    } else if (take(&text, &len, "ignoreLines:")) {
        ignore_lines(text, len, out);
    } else if (take(&text, &len, "ignore:") && len) {
        wrong(out, true, "--ignoreLines:start, --ignoreLines:end or --ignoreLines:NUMBER");
    }
}

/* Behind a single dash: what is taken for a slip. */
static void of_dash(const char *text, size_t len, bool first, struct directive *out)
{
    static const struct {
        const char *word;
        bool first, blank, anywhere;
        const char *hint;
    } slips[] = {{"changeset", true, true, true, "--changeset AUTHOR:ID"},
                 {"property", false, true, true, "--property name:NAME value:VALUE"},
                 {"rollback", false, true, false, "--rollback SQL"},
                 {"precondition", false, false, false, "--preconditions, --precondition-sql-check"},
                 {"validCheckSum", true, false, false, "--validCheckSum: SUM"},
                 {"ignoreLines:", true, false, true, "--ignoreLines:NUMBER"}};

    for (size_t i = 0; i < sizeof(slips) / sizeof(slips[0]); i++) {
        const char *rest = text;
        size_t left = len;

        if ((slips[i].first && !first) || !take(&rest, &left, slips[i].word))
            continue;
        if (!slips[i].blank || (left && blank(*rest)))
            wrong(out, slips[i].anywhere, slips[i].hint);
    }
    if (first && take(&text, &len, "comment") && colon_space(&text, &len))
        wrong(out, false, "--comment: TEXT");
}

void directive_of(const char *line, size_t len, struct directive *out)
{
    const char *text = line;
    size_t left = len;
    bool first;

    say(out, DIRECTIVE_NONE, line, len);
    take_blank(&text, &left);
    first = text == line;
    if (take(&text, &left, "--")) {
        take_blank(&text, &left);
        of_comment(text, left, first, out);
    } else if (take(&text, &left, "-")) {
        take_blank(&text, &left);
        of_dash(text, left, first, out);
    } else if (take(&text, &left, "/*")) {
        take_blank(&text, &left);
        if (!take(&text, &left, "liquibase"))
            return;
        take_blank(&text, &left);
        if (!take(&text, &left, "rollback"))
            return;
        take_blank(&text, &left);
        if (left == 0)
            say(out, DIRECTIVE_ROLLBACK_OPEN, text, left);
    }
}

/* ---- attributes ------------------------------------------------------------------------------ */

bool attribute_next(const char **text, size_t *len, struct attribute *out)
{
    const char *at;
    size_t n = 0;

    take_blank(text, len);
    if (*len == 0)
        return false;
    at = *text;
    while (n < *len && at[n] != ':' && !blank(at[n]))
        n++;
    *out = (struct attribute){at, at + n, n, 0};
    if (n < *len && at[n] == ':') {
        const char *end = ++n < *len && at[n] == '"' ? memchr(at + n + 1, '"', *len - n - 1) : NULL;

        out->value = at + n;
        while (end ? at + n <= end : n < *len && !blank(at[n]))
            n++;
        out->value_len = (size_t)(at + n - out->value);
        if (end) {
            out->value++;
            out->value_len -= 2;
        }
    }
    *text += n;
    *len -= n;
    return true;
}

/* ---- delimiters ------------------------------------------------------------------------------ */

/* At a dollar: the length of a tag such as $fn$, 0 = it is none. */
static size_t tag_length(const char *text, size_t len)
{
    size_t n = 1;

    while (n < len && (isalnum((unsigned char)text[n]) || text[n] == '_' || (text[n] & 0x80)))
        n++;
    return n < len && text[n] == '$' && n < sizeof(((struct quoting *)0)->tag) &&
                   !(n > 1 && isdigit((unsigned char)text[1]))
               ? n + 1
               : 0;
}

/* How many bytes close what is open, 0 = it stays open. */
static size_t closes(const struct quoting *q, const char *text, size_t len)
{
    if (q->open == '$')
        return len >= q->tag_len && memcmp(text, q->tag, q->tag_len) == 0 ? q->tag_len : 0;
    if (q->open == '*')
        return len > 1 && text[0] == '*' && text[1] == '/' ? 2 : 0;
    return *text == q->open;
}

bool quoting_over(struct quoting *q, const char *text, size_t len)
{
    for (size_t i = 0; i < len;) {
        size_t n = len - i;

        if (q->open) {
            size_t end = closes(q, text + i, n);

            q->open = end ? 0 : q->open;
            i += end ? end : 1;
        } else if (n > 1 && text[i] == '-' && text[i + 1] == '-') {
            return false;
        } else if (text[i] == '\'' || text[i] == '"' || text[i] == '`') {
            q->open = text[i++];
        } else if (n > 1 && text[i] == '/' && text[i + 1] == '*') {
            q->open = '*';
            i += 2;
        } else if (text[i] == '$' && tag_length(text + i, n)) {
            q->tag_len = tag_length(text + i, n);
            memcpy(q->tag, text + i, q->tag_len);
            q->open = '$';
            i += q->tag_len;
        } else {
            i++;
        }
    }
    return !q->open;
}

/* Words, and a slash, which may be a division, have to be alone. */
static bool stands_alone(const char *delimiter)
{
    return strcmp(delimiter, "/") == 0 || isalpha((unsigned char)*delimiter);
}

size_t delimiter_at(const char *line, size_t len, const char *delimiter, struct quoting *q)
{
    const char *text = line;
    size_t left = len, n = delimiter ? strlen(delimiter) : 0, at;
    bool found;

    text_trim(&text, &left);
    if (!delimiter)
        found = text_is(text, left, "go") || text_is(text, left, "/");
    else if (stands_alone(delimiter))
        found = text_is(text, left, delimiter);
    else
        found = left >= n && text_is(text + left - n, n, delimiter);
    at = !found ? len
                : (size_t)(text - line) + (delimiter && !stands_alone(delimiter) ? left - n : 0);
    if (!quoting_over(q, line, at) || !found)
        return len;
    return at;
}
