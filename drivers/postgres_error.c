/* SPDX-License-Identifier: MIT */
/*
 * Errors of PostgreSQL: which portable kind an SQLSTATE is, and copying what the server said into
 * the caller's struct at once. The texts may come in any language and, before the session's
 * encoding is settled, in any encoding.
 */
#include "postgres.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct state_kind {
    const char *state; /* five characters: exactly that; two: the class */
    int kind;
};

/* Exact ones before their class. https://www.postgresql.org/docs/current/errcodes-appendix.html */
static const struct state_kind state_kinds[] = {
    {"08", DUNLIN_KIND_LOST},
    {"0A", DUNLIN_KIND_UNSUPPORTED},
    {"0B", DUNLIN_KIND_TRANSACTION},
    {"22", DUNLIN_KIND_DATA},
    {"23505", DUNLIN_KIND_DUPLICATE},
    {"23", DUNLIN_KIND_CONSTRAINT},
    {"25006", DUNLIN_KIND_READONLY},
    {"25P03", DUNLIN_KIND_LOST}, /* idle in transaction: the server hangs up */
    {"25P04", DUNLIN_KIND_LOST}, /* transaction_timeout: likewise */
    {"25", DUNLIN_KIND_TRANSACTION},
    {"26", DUNLIN_KIND_MISSING}, /* prepared statement */
    {"27", DUNLIN_KIND_CONSTRAINT},
    {"28", DUNLIN_KIND_AUTH},
    {"2BP01", DUNLIN_KIND_CONSTRAINT}, /* other objects depend on it */
    {"2D", DUNLIN_KIND_TRANSACTION},   /* COMMIT inside a procedure, in a transaction */
    {"34", DUNLIN_KIND_MISSING},       /* cursor */
    {"3B", DUNLIN_KIND_TRANSACTION},   /* savepoint */
    {"3D", DUNLIN_KIND_MISSING},       /* database */
    {"3F", DUNLIN_KIND_MISSING},       /* schema */
    {"40002", DUNLIN_KIND_CONSTRAINT},
    {"40001", DUNLIN_KIND_DEADLOCK},
    {"40P01", DUNLIN_KIND_DEADLOCK},
    {"42000", DUNLIN_KIND_SYNTAX},
    {"42501", DUNLIN_KIND_PERMISSION},
    {"42601", DUNLIN_KIND_SYNTAX},
    {"42602", DUNLIN_KIND_SYNTAX}, /* invalid name */
    {"42701", DUNLIN_KIND_EXISTS}, /* column */
    {"42703", DUNLIN_KIND_MISSING_COLUMN},
    {"42704", DUNLIN_KIND_MISSING},
    {"42710", DUNLIN_KIND_EXISTS},
    {"42723", DUNLIN_KIND_EXISTS}, /* function */
    {"42883", DUNLIN_KIND_MISSING},
    {"42P01", DUNLIN_KIND_MISSING_TABLE},
    {"42P03", DUNLIN_KIND_EXISTS}, /* cursor */
    {"42P04", DUNLIN_KIND_EXISTS}, /* database */
    {"42P05", DUNLIN_KIND_EXISTS}, /* prepared statement */
    {"42P06", DUNLIN_KIND_EXISTS}, /* schema */
    {"42P07", DUNLIN_KIND_EXISTS}, /* table, index, view */
    {"44", DUNLIN_KIND_CONSTRAINT},
    {"53100", DUNLIN_KIND_FULL},
    {"53300", DUNLIN_KIND_CONNECT}, /* too many connections */
    {"55P03", DUNLIN_KIND_LOCKED},
    {"55P04", DUNLIN_KIND_TRANSACTION}, /* a new enum value before COMMIT */
    {"57014", DUNLIN_KIND_TIMEOUT},     /* or cancelled: see interrupted() */
    {"57P03", DUNLIN_KIND_CONNECT},     /* starting up, or shutting down */
    {"57P", DUNLIN_KIND_LOST},          /* the server ends the connection */
    {"58P01", DUNLIN_KIND_MISSING},     /* file of an extension */
    {"58P02", DUNLIN_KIND_EXISTS},
};

int postgres_kind(const char *sqlstate)
{
    for (size_t i = 0; sqlstate && i < sizeof(state_kinds) / sizeof(state_kinds[0]); i++) {
        if (strncmp(sqlstate, state_kinds[i].state, strlen(state_kinds[i].state)) == 0)
            return state_kinds[i].kind;
    }
    return DUNLIN_KIND_SERVER;
}

struct connect_text {
    const char *first, *then; /* both occur, in this order */
    int kind;
    const char *sqlstate;
};

static const struct connect_text connect_texts[] = {
    {"password authentication failed", "", DUNLIN_KIND_AUTH, "28P01"},
    {"authentication failed", "", DUNLIN_KIND_AUTH, "28000"},
    {"no password supplied", "", DUNLIN_KIND_AUTH, "28P01"},
    {"pg_hba.conf", "", DUNLIN_KIND_AUTH, "28000"},
    {"is not permitted to log in", "", DUNLIN_KIND_AUTH, "28000"},
    {"database \"", "\" does not exist", DUNLIN_KIND_MISSING, "3D000"},
    {"role \"", "\" does not exist", DUNLIN_KIND_AUTH, "28000"},
    {"permission denied for database", "", DUNLIN_KIND_PERMISSION, "42501"},
    {"definition of service", "", DUNLIN_KIND_CONFIG, NULL},
    {"service file", "", DUNLIN_KIND_CONFIG, NULL},
    {"invalid port number", "", DUNLIN_KIND_CONFIG, NULL},
    {"invalid integer value", "", DUNLIN_KIND_CONFIG, NULL},
    {"could not match ", " port numbers to ", DUNLIN_KIND_CONFIG, NULL},
    {"invalid ", " value: \"", DUNLIN_KIND_CONFIG, NULL},
};

int postgres_connect_kind(const char *message, const char **sqlstate)
{
    *sqlstate = NULL;
    for (size_t i = 0; message && i < sizeof(connect_texts) / sizeof(connect_texts[0]); i++) {
        const struct connect_text *t = &connect_texts[i];
        const char *at = strstr(message, t->first);

        if (at && strstr(at + strlen(t->first), t->then)) {
            *sqlstate = t->sqlstate;
            return t->kind;
        }
    }
    return DUNLIN_KIND_CONNECT;
}

/* Bytes of the well-formed UTF-8 character at s, 0 = there is none. */
static size_t character(const unsigned char *s)
{
    size_t n = s[0] < 0x80 ? 1 : s[0] < 0xc2 ? 0 : s[0] < 0xe0 ? 2 : s[0] < 0xf0 ? 3 : 4;

    if (s[0] > 0xf4 || (s[0] == 0xe0 && s[1] < 0xa0) || (s[0] == 0xed && s[1] > 0x9f) ||
        (s[0] == 0xf0 && s[1] < 0x90) || (s[0] == 0xf4 && s[1] > 0x8f))
        return 0;
    for (size_t i = 1; i < n; i++) {
        if ((s[i] & 0xc0) != 0x80)
            return 0;
    }
    return n;
}

void postgres_copy(char *to, size_t size, const char *text)
{
    static const char ellipsis[] = "\xe2\x80\xa6";
    size_t used = 0, cut = 0; /* cut: where the ellipsis still fits */

    while (text && *text) {
        size_t n = character((const unsigned char *)text);
        size_t len = n ? n : 1;

        if (used + len >= size) {
            if (size > sizeof(ellipsis)) {
                memcpy(to + cut, ellipsis, sizeof(ellipsis));
                return;
            }
            break;
        }
        if (n)
            memcpy(to + used, text, n);
        else
            to[used] = '?';
        used += len;
        text += len;
        if (used + sizeof(ellipsis) <= size)
            cut = used;
    }
    to[used] = '\0';
}

/* Blank runs and line ends become one space: a message is one line. */
static void one_line(char *text)
{
    char *to = text;

    for (const char *from = text; *from; from++) {
        bool blank = *from == ' ' || *from == '\t' || *from == '\n' || *from == '\r';

        if (!blank)
            *to++ = *from;
        else if (to > text && to[-1] != ' ')
            *to++ = ' ';
    }
    if (to > text && to[-1] == ' ')
        to--;
    *to = '\0';
}

static int fail_text(const struct dunlin_host *host, struct dunlin_error *err, int kind,
                     const char *text)
{
    char message[sizeof(err->message)];

    postgres_copy(message, sizeof(message), text && *text ? text : "no reason given");
    one_line(message);
    return host->fail(err, kind, "%s", message);
}

/* 57014 is said of a cancel request and of statement_timeout alike, in the server's language. */
static int interrupted(struct dunlin_conn *c, const char *message)
{
    if (atomic_load(&c->cancelled) || strstr(message, "user request"))
        return DUNLIN_KIND_CANCELLED;
    return DUNLIN_KIND_TIMEOUT;
}

static void fill_context(const PGresult *result, struct dunlin_error *err)
{
    const char *context = PQresultErrorField(result, PG_DIAG_CONTEXT);
    const char *query = PQresultErrorField(result, PG_DIAG_INTERNAL_QUERY);
    char text[3 * sizeof(err->context)];

    if (!context && !query)
        return;
    (void)snprintf(text, sizeof(text), "%.*s%s%.*s", (int)sizeof(err->context),
                   context ? context : "", context && query ? "\nin: " : "",
                   (int)sizeof(err->context), query ? query : "");
    postgres_copy(err->context, sizeof(err->context), text);
}

int postgres_fail(struct dunlin_conn *c, const PGresult *result, struct dunlin_error *err)
{
    const char *sqlstate = PQresultErrorField(result, PG_DIAG_SQLSTATE);
    const char *message = PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY);
    int kind = postgres_kind(sqlstate);

    if (!sqlstate || !message)
        return postgres_fail_libpq(c, err);
    if (PQstatus(c->pg) == CONNECTION_BAD)
        kind = DUNLIN_KIND_LOST;
    else if (strcmp(sqlstate, "57014") == 0)
        kind = interrupted(c, message);
    fail_text(c->host, err, kind, message);
    postgres_copy(err->sqlstate, sizeof(err->sqlstate), sqlstate);
    postgres_copy(err->detail, sizeof(err->detail),
                  PQresultErrorField(result, PG_DIAG_MESSAGE_DETAIL));
    postgres_copy(err->hint, sizeof(err->hint), PQresultErrorField(result, PG_DIAG_MESSAGE_HINT));
    fill_context(result, err);
    return kind;
}

int postgres_fail_libpq(struct dunlin_conn *c, struct dunlin_error *err)
{
    const char *text = PQerrorMessage(c->pg);
    const char *more = strchr(text, '\n');
    char first[sizeof(err->message)];
    int kind = PQstatus(c->pg) == CONNECTION_BAD ? DUNLIN_KIND_LOST : DUNLIN_KIND_SERVER;

    if (kind != DUNLIN_KIND_LOST && strstr(text, "out of memory"))
        kind = DUNLIN_KIND_NOMEM;
    (void)snprintf(first, sizeof(first), "%.*s", more ? (int)(more - text) : (int)sizeof(first) - 1,
                   text);
    fail_text(c->host, err, kind, first);
    if (more) {
        postgres_copy(err->detail, sizeof(err->detail), more);
        one_line(err->detail);
    }
    return kind;
}

/* libpq says what went wrong with each host in a line, and what to look at in lines that begin with
 * a tab. */
static void connect_lines(const char *text, char *message, size_t message_size, char *hint,
                          size_t hint_size)
{
    size_t used = 0;

    message[0] = hint[0] = '\0';
    while (*text) {
        size_t n = strcspn(text, "\n");

        if (*text == '\t') {
            if (!hint[0])
                (void)snprintf(hint, hint_size, "%.*s", (int)n, text);
        } else if (n && used < message_size) {
            int more = snprintf(message + used, message_size - used, "%s%.*s", used ? "; " : "",
                                (int)n, text);

            used += more > 0 ? (size_t)more : 0;
        }
        text += n + (text[n] == '\n');
    }
}

int postgres_fail_connect(const struct dunlin_host *host, const PGconn *pg,
                          struct dunlin_error *err)
{
    const char *text = pg ? PQerrorMessage(pg) : "out of memory", *sqlstate = NULL;
    int kind = pg ? postgres_connect_kind(text, &sqlstate) : DUNLIN_KIND_NOMEM;
    char message[sizeof(err->message)], hint[sizeof(err->hint)];

    if (kind == DUNLIN_KIND_CONNECT && pg && PQconnectionNeedsPassword(pg))
        kind = DUNLIN_KIND_AUTH;
    connect_lines(text, message, sizeof(message), hint, sizeof(hint));
    fail_text(host, err, kind, message);
    postgres_copy(err->hint, sizeof(err->hint), hint);
    one_line(err->hint);
    if (pg && sqlstate)
        postgres_copy(err->sqlstate, sizeof(err->sqlstate), sqlstate);
    return kind;
}
