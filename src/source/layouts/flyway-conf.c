/* SPDX-License-Identifier: MIT */
/* What a project of Flyway has set for its folder, and for single files in a .conf beside each. */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/error.h"
#include "source/layouts/flyway-folder.h"

#define CONF_MAX (1024u * 1024u)

static int conf_refuse(const struct source_file *file, uint32_t line, struct dunlin_error *err,
                       const char *hint, const char *what, size_t len)
{
    char path[512];

    snprintf(path, sizeof(path), "%s.conf", file->path);
    error_set(err, DUNLIN_BAD_FILE, DUNLIN_KIND_FILE,
              "a setting of Flyway that dunlin does not know: "
              "\"%.*s\"",
              len < 100 ? (int)len : 100, what);
    error_place(err, path, line, 1);
    error_hint(err, "%s", hint);
    return DUNLIN_BAD_FILE;
}

static bool value_is(const char *value, size_t len, const char *text)
{
    return len == strlen(text) && strncasecmp(value, text, len) == 0;
}

/* One line of it; *left_out = the file must not run. */
static int conf_line(const char *line, size_t len, uint32_t number, struct source_file *file,
                     struct flyway_file *extra, bool *left_out, struct dunlin_error *err)
{
    const char *sign = memchr(line, '=', len), *value = sign ? sign + 1 : line + len;
    size_t n = sign ? (size_t)(sign - line) : len, left = (size_t)(line + len - value);
    const char *name = line;
    bool yes, no;

    text_trim(&name, &n);
    text_trim(&value, &left);
    yes = value_is(value, left, "true");
    no = value_is(value, left, "false");
    if (n == 0 || *name == '#' || *name == '!')
        return DUNLIN_OK;
    if (value_is(name, n, "executeInTransaction") && (yes || no))
        file->options = no ? "transaction:off" : file->options;
    else if (value_is(name, n, "placeholderReplacement") && (yes || no))
        extra->literal = extra->literal || no;
    else if (value_is(name, n, "shouldExecute") && (yes || no))
        *left_out = no;
    else if (!value_is(name, n, "encoding") ||
             !(value_is(value, left, "UTF-8") || value_is(value, left, "US-ASCII")))
        return conf_refuse(file, number, err,
                           "there is executeInTransaction, placeholderReplacement and "
                           "shouldExecute, true or false, and encoding, which has to be UTF-8",
                           line, len);
    return DUNLIN_OK;
}

int flyway_conf_read(const struct folder *f, struct source_file *file, struct flyway_file *extra,
                     bool *left_out, struct dunlin_error *err)
{
    struct buf text = BUF_INIT(CONF_MAX);
    const char *at, *line;
    uint32_t number = 0;
    char name[1024];
    int rc, n = snprintf(name, sizeof(name), "%s.conf", file->name);
    size_t len;

    if (n < 0 || (size_t)n >= sizeof(name) || folder_lacks(f, name))
        return DUNLIN_OK;
    rc = folder_read(f, name, &text, err);
    at = buf_str(&text);
    while (!rc && next_line(&at, &line, &len))
        rc = conf_line(line, len, ++number, file, extra, left_out, err);
    buf_free(&text);
    return rc;
}

/* What would make other files migrations, or would run unseen. */
int flyway_check_settings(const struct flyway_folder *w, struct dunlin_error *err)
{
    static const char *const fixed[][2] = {
        {"sqlMigrationPrefix", "V"},     {"repeatableSqlMigrationPrefix", "R"},
        {"undoSqlMigrationPrefix", "U"}, {"baselineMigrationPrefix", "B"},
        {"sqlMigrationSeparator", "__"}, {"sqlMigrationSuffixes", ".sql"},
        {"encoding", "UTF-8"},           {"initSql", ""}};

    for (size_t i = 0; i < sizeof(fixed) / sizeof(fixed[0]); i++) {
        const struct flyway_setting *s = flyway_setting(w->project, fixed[i][0]);
        bool hook = fixed[i][1][0] == '\0';

        if (!s || strcasecmp(s->value, fixed[i][1]) == 0 ||
            (hook && folder_has(w->listing.folder, "hooks/connect.sql")))
            continue;
        error_set(err, DUNLIN_CONFIG, DUNLIN_KIND_UNSUPPORTED,
                  "dunlin does not follow %s = \"%.100s\"", s->name, s->value);
        error_place(err, s->path, s->line, 1);
        error_hint(err,
                   hook ? "put it into hooks/connect.sql in the folder" : "it knows \"%s\" alone",
                   fixed[i][1]);
        return DUNLIN_CONFIG;
    }
    return DUNLIN_OK;
}

/* The value with the variables of the environment that are set. */
static const char *resolved(const struct flyway_folder *w, const char *value, size_t len)
{
    const char *const *environment = w->listing.folder->environment;
    struct buf b = BUF_INIT(CONF_MAX);
    const char *end = value + len, *copy;

    while (value < end) {
        const char *close = strncmp(value, "${", 2) == 0 ? strchr(value, '}') : NULL, *set = NULL;
        size_t n = close && close < end ? (size_t)(close - value) - 2 : 0;

        for (const char *const *e = n ? environment : NULL; e && *e && !set; e++)
            set = strncmp(*e, value + 2, n) == 0 && (*e)[n] == '=' ? *e + n + 1 : NULL;
        if (set) {
            buf_adds(&b, set);
            w->project->passing = true;
            value = close + 1;
        } else {
            buf_addc(&b, *value++);
        }
    }
    copy = b.failed ? NULL : arena_strndup(w->listing.arena, buf_str(&b), b.len);
    buf_free(&b);
    return copy;
}

int flyway_note_table(struct flyway_folder *w, struct dunlin_error *err)
{
    struct flyway_project *p = w->project;
    const char *table = flyway_value(p, "table", NULL);
    const char *schema = flyway_value(p, "defaultSchema", flyway_value(p, "schemas", NULL));
    struct folder *f = w->listing.folder;

    p->table = table ? resolved(w, table, strlen(table)) : "flyway_schema_history";
    p->schema = schema ? resolved(w, schema, strcspn(schema, ", ")) : NULL;
    if (!p->table || (schema && !p->schema))
        return error_nomem(err);
    if (!table && !schema)
        return DUNLIN_OK;
    f->history_table =
        p->schema ? arena_printf(w->listing.arena, "%s.%s", p->schema, p->table) : p->table;
    return f->history_table ? DUNLIN_OK : error_nomem(err);
}
