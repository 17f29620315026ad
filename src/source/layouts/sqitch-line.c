/* SPDX-License-Identifier: MIT */
/* One line of sqitch.plan: a change or a tag, when and by whom it was planned, and its note. */
#include <string.h>

#include "base/error.h"
#include "base/timestamp.h"
#include "base/utf8.h"
#include "source/layouts/sqitch-plan.h"

#define DATE_LEN 20 /* 2026-03-01T08:00:00Z */

/* ---- notes ----------------------------------------------------------------------------------- */

/* How long the blank of any script is that stands here, 0 = there is none. */
static size_t space_at(const char *text, size_t len)
{
    uint32_t c;
    size_t n = utf8_decode(text, len, &c);
    bool space = (c >= 9 && c <= 13) || c == ' ' || c == 0x85 || c == 0xa0 || c == 0x1680 ||
                 (c >= 0x2000 && c <= 0x200a) || c == 0x2028 || c == 0x2029 || c == 0x202f ||
                 c == 0x205f || c == 0x3000;

    return n && space ? n : 0;
}

/* Behind "#": without blank around it, and with \n, \r and \\ for what they stand for. */
static const char *note_copy(struct arena *arena, const char *text, size_t len)
{
    size_t used = 0, end = 0, n;
    char *out;

    while (len && (n = space_at(text, len)) > 0) {
        text += n;
        len -= n;
    }
    for (size_t i = 0; i < len; i += n ? n : 1) {
        n = space_at(text + i, len - i);
        end = n ? end : i + 1;
    }
    out = arena_strndup(arena, text, end);
    for (size_t i = 0; out && i < end; i++) {
        if (out[i] == '\\' && i + 1 < end && strchr("nr\\", out[i + 1])) {
            i++;
            out[used++] = (char)(out[i] == 'n' ? '\n' : out[i] == 'r' ? '\r' : '\\');
        } else {
            out[used++] = out[i];
        }
    }
    if (out)
        out[used] = '\0';
    return out;
}

/* ---- the line -----------------------------------------------------------------------------------
 */

struct at {
    const struct sqitch_plan *plan;
    uint32_t number;
    struct dunlin_error *err;
};

static void blank(const char **at, size_t *len)
{
    while (*len && (**at == ' ' || **at == '\t')) {
        ++*at;
        --*len;
    }
}

static bool date_valid(const char *text, size_t len)
{
    return len >= DATE_LEN && timestamp_begins(text, len) && text[TIMESTAMP_LEN] == 'Z';
}

/* "2026-03-01T08:00:00Z Planner Name <email>", which is all of the text. */
static int planned_take(struct at *r, const char *at, size_t len, struct sqitch_planned *out)
{
    struct arena *arena = r->plan->arena;
    const char *open;
    size_t name;

    if (!date_valid(at, len))
        return sqitch_refuse(r->plan, r->number, r->err, "sqitch writes it as 2026-03-01T08:00:00Z",
                             "here a time should stand, and the planner's name and <email>");
    out->date = arena_strndup(arena, at, DATE_LEN);
    at += DATE_LEN;
    len -= DATE_LEN;
    blank(&at, &len);
    open = memchr(at, '<', len);
    name = open ? (size_t)(open - at) : 0;
    if (name < 2 || (open[-1] != ' ' && open[-1] != '\t') || len < name + 3 ||
        memchr(open, '>', len - name) != at + len - 1)
        return sqitch_refuse(r->plan, r->number, r->err, NULL,
                             "behind the time stand the planner's name and <email>");
    out->name = arena_strndup(arena, at, name - 1);
    out->email = arena_strndup(arena, open + 1, len - name - 2);
    return out->date && out->name && out->email ? DUNLIN_OK : error_nomem(r->err);
}

static int name_take(struct at *r, const char **at, size_t *len, struct sqitch_line *out)
{
    size_t n = 0;

    while (n < *len && !strchr(" \t:@#\\[]", (*at)[n]))
        n++;
    if (!sqitch_name(*at, n) || (n < *len && !strchr(" \t[", (*at)[n])))
        return sqitch_refuse(r->plan, r->number, r->err,
                             "a name has none of @ : # \\ [ ] and no blank, and neither begins nor "
                             "ends with punctuation",
                             "\"%.*s\" begins with no name that sqitch takes",
                             (int)(*len < 60 ? *len : 60), *at);
    if ((n == 4 && (strncmp(*at, "HEAD", n) == 0 || strncmp(*at, "ROOT", n) == 0)) ||
        strspn(*at, "0123456789abcdef") >= SQITCH_ID_SIZE - 1)
        return sqitch_refuse(r->plan, r->number, r->err, NULL,
                             "sqitch keeps the name \"%.*s\" for itself", (int)n, *at);
    out->name = *at;
    out->name_len = n;
    *at += n;
    *len -= n;
    blank(at, len);
    return DUNLIN_OK;
}

static int parse(struct at *r, const char *at, size_t len, struct sqitch_line *out)
{
    const char *end;
    int rc;

    out->tag = *at == '@';
    if (*at == '-')
        return sqitch_refuse(r->plan, r->number, r->err, NULL,
                             "a line that plans to revert a change is not supported");
    if (out->tag || *at == '+') {
        at++;
        len--;
    }
    if (!out->tag)
        blank(&at, &len);
    rc = name_take(r, &at, &len, out);
    if (rc)
        return rc;
    if (len && *at == '[') {
        end = memchr(at, ']', len);
        if (!end || out->tag)
            return sqitch_refuse(r->plan, r->number, r->err, NULL,
                                 out->tag ? "a tag depends on nothing" : "\"[\" without \"]\"");
        out->depends = at + 1;
        out->depends_len = (size_t)(end - at) - 1;
        len -= (size_t)(end - at) + 1;
        at = end + 1;
        blank(&at, &len);
    }
    return planned_take(r, at, len, &out->planned);
}

int sqitch_line_parse(const struct sqitch_plan *p, uint32_t number, const char *text, size_t len,
                      const char *note, size_t note_len, struct sqitch_line *out,
                      struct dunlin_error *err)
{
    struct at at = {.plan = p, .number = number, .err = err};

    out->planned.note = note_copy(p->arena, note, note_len);
    return out->planned.note ? parse(&at, text, len, out) : error_nomem(err);
}
