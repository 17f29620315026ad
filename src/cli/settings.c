/* SPDX-License-Identifier: MIT */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif
#include "cli/settings.h"

#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "base/buf.h"
#include "base/duration.h"
#include "base/error.h"
#include "cli/appenv.h"
#include "cli/conffile.h"
#include "cli/env.h"
#include "cli/values.h"

void settings_init(struct settings *s)
{
    memset(s, 0, sizeof(*s));
}

void settings_free(struct settings *s)
{
    arena_free(&s->arena);
    settings_init(s);
}

/* ---- one value ------------------------------------------------------------------------------- */

static int bad_value(const struct place *place, struct dunlin_error *err, const char *wanted,
                     const char *value)
{
    bool flag = place->origin == FROM_FLAG;

    error_set(err, flag ? DUNLIN_USAGE : DUNLIN_CONFIG,
              flag ? DUNLIN_KIND_USAGE : DUNLIN_KIND_CONFIG,
              *value ? "%s must be %s, not \"%s\"" : "%s must be %s", place->name, wanted, value);
    error_place(err, place->file, place->line, 0);
    return flag ? DUNLIN_USAGE : DUNLIN_CONFIG;
}

/* "text|json" as "text or json". */
static void word_list(const char *words, char *to, size_t size)
{
    size_t used = 0;

    for (; *words && used + 5 < size; words++) {
        if (*words == '|') {
            memcpy(to + used, " or ", 4);
            used += 4;
        } else {
            to[used++] = *words;
        }
    }
    to[used] = '\0';
}

static int check_value(const struct option_def *def, const struct place *place, const char *value,
                       struct dunlin_error *err)
{
    char words[96];
    uint64_t ms;
    unsigned n;

    switch (def->kind) {
    case VALUE_SWITCH:
        return parse_switch(value, &n) ? DUNLIN_OK : bad_value(place, err, "yes or no", value);
    case VALUE_DURATION:
        return duration_parse(value, strlen(value), &ms)
                   ? DUNLIN_OK
                   : bad_value(place, err, "a duration like 500ms, 60s or 5m", value);
    case VALUE_WORD:
        if (word_index(def->argument, value) >= 0)
            return DUNLIN_OK;
        word_list(def->argument, words, sizeof(words));
        return bad_value(place, err, words, value);
    case VALUE_PAIR:
        /* The value may be a secret, so it is not repeated. */
        return strchr(value, '=') && *value != '=' ? DUNLIN_OK
                                                   : bad_value(place, err, "NAME=VALUE", "");
    case VALUE_TEXT:
    case VALUE_LIST:
        return *value ? DUNLIN_OK : bad_value(place, err, "more than nothing", value);
    case VALUE_OPTIONAL:
        break;
    }
    return DUNLIN_OK;
}

static int setting_push(struct settings *s, struct setting *item, const char *value,
                        struct dunlin_error *err)
{
    if (item->count == item->cap) {
        size_t cap = item->cap ? item->cap * 2 : 4;
        const char **values = arena_calloc(&s->arena, cap, sizeof(*values));
        enum origin *origins = arena_calloc(&s->arena, cap, sizeof(*origins));

        if (!values || !origins)
            return error_nomem(err);
        for (size_t i = 0; i < item->count; i++) {
            values[i] = item->values[i];
            origins[i] = item->origins[i];
        }
        item->values = values;
        item->origins = origins;
        item->cap = cap;
    }
    item->values[item->count] = arena_strdup(&s->arena, value);
    if (!item->values[item->count])
        return error_nomem(err);
    item->origins[item->count] = item->origin;
    item->count++;
    return DUNLIN_OK;
}

/* NAME=VALUE: sources are merged, and the strongest one that gives a name decides its value. */
static int pair_add(struct settings *s, struct setting *item, enum origin origin, const char *value,
                    struct dunlin_error *err)
{
    size_t name = strcspn(value, "=") + 1;

    for (size_t i = 0; i < item->count; i++) {
        if (strncmp(item->values[i], value, name) != 0)
            continue;
        if (origin < item->origins[i])
            return DUNLIN_OK;
        item->origins[i] = origin;
        item->values[i] = arena_strdup(&s->arena, value);
        return item->values[i] ? DUNLIN_OK : error_nomem(err);
    }
    item->origin = origin;
    return setting_push(s, item, value, err);
}

int settings_add(struct settings *s, enum option_id id, const struct place *place,
                 const char *value, struct dunlin_error *err)
{
    struct setting *item = &s->items[id];
    int rc = check_value(option_def(id), place, value, err);

    if (rc == DUNLIN_OK && option_def(id)->kind == VALUE_PAIR)
        return pair_add(s, item, place->origin, value, err);
    if (rc != DUNLIN_OK || place->origin < item->origin)
        return rc;
    if (place->origin > item->origin) {
        item->origin = place->origin;
        item->count = 0;
    }
    return setting_push(s, item, value, err);
}

bool settings_given(const struct settings *s, enum option_id id)
{
    return s->items[id].count > 0;
}

const char *settings_text(const struct settings *s, enum option_id id)
{
    const struct setting *item = &s->items[id];

    return item->count ? item->values[item->count - 1] : NULL;
}

unsigned settings_switch(const struct settings *s, enum option_id id)
{
    unsigned sum = 0, n;

    for (size_t i = 0; i < s->items[id].count; i++) {
        if (parse_switch(s->items[id].values[i], &n))
            sum += n;
    }
    return sum;
}

unsigned settings_word(const struct settings *s, enum option_id id)
{
    const char *text = settings_text(s, id);
    int i = text ? word_index(option_def(id)->argument, text) : 0;

    return i < 0 ? 0 : (unsigned)i;
}

uint64_t settings_ms(const struct settings *s, enum option_id id, uint64_t otherwise)
{
    const char *text = settings_text(s, id);
    uint64_t ms;

    return text && duration_parse(text, strlen(text), &ms) ? ms : otherwise;
}

/* ---- environment, .env, config file ---------------------------------------------------------- */

/* A variable that is set to nothing counts as not set. */
static const char *environment(const char *name)
{
    const char *value = getenv(name);

    return value && *value ? value : NULL;
}

/* A list in one variable is parted by ':', like $PATH; pairs by line ends. */
static int add_variable(struct settings *s, const struct option_def *def, const struct place *place,
                        const char *value, struct dunlin_error *err)
{
    char *copy, *next, part_end = def->kind == VALUE_PAIR ? '\n' : ':';
    int rc = DUNLIN_OK;

    if (def->kind != VALUE_LIST && def->kind != VALUE_PAIR)
        return settings_add(s, def->id, place, value, err);
    copy = arena_strdup(&s->arena, value);
    if (!copy)
        return error_nomem(err);
    for (char *part = copy; part && rc == DUNLIN_OK; part = next) {
        next = strchr(part, part_end);
        if (next)
            *next++ = '\0';
        if (*part)
            rc = settings_add(s, def->id, place, part, err);
    }
    return rc;
}

static int load_variable(struct settings *s, const struct option_def *def, const char *name,
                         const struct dotenv *dotenv, struct dunlin_error *err)
{
    const struct dotenv_entry *entry = dotenv_find(dotenv, name);
    struct place place = {FROM_ENVIRONMENT, name, NULL, 0};
    const char *value = environment(name);

    if (value)
        return add_variable(s, def, &place, value, err);
    if (!entry || !*entry->value)
        return DUNLIN_OK;
    place.origin = FROM_DOTENV;
    place.file = dotenv->path;
    place.line = entry->line;
    return add_variable(s, def, &place, entry->value, err);
}

static int load_variables(struct settings *s, const struct dotenv *dotenv, struct dunlin_error *err)
{
    const struct option_def *url = option_def(OPT_URL);
    char name[64];
    int rc = DUNLIN_OK;

    for (int i = 0; i < OPT_COUNT && rc == DUNLIN_OK; i++) {
        const struct option_def *def = option_def((enum option_id)i);

        if (!(def->sources & OPTION_ENVIRONMENT))
            continue;
        option_env_name(def, name, sizeof(name));
        rc = load_variable(s, def, name, dotenv, err);
    }
    /* $DATABASE_URL stands behind $DUNLIN_URL, and both before the .env file. */
    if (rc == DUNLIN_OK &&
        (s->items[OPT_URL].origin < FROM_DOTENV ||
         (s->items[OPT_URL].origin == FROM_DOTENV && environment("DATABASE_URL"))))
        rc = load_variable(s, url, "DATABASE_URL", dotenv, err);
    return rc;
}

int settings_load(struct settings *s, struct dunlin_error *err)
{
    struct dotenv dotenv = {0};
    const char *file = settings_text(s, OPT_ENV_FILE);
    int rc;

    if (!file)
        file = environment("DUNLIN_ENV_FILE");
    rc = dotenv_load(&dotenv, &s->arena, file, err);
    if (rc == DUNLIN_OK)
        rc = load_variables(s, &dotenv, err);
    if (rc == DUNLIN_OK)
        rc = appenv_load(s, &dotenv, err);
    if (rc == DUNLIN_OK)
        rc = conffile_load(s, settings_text(s, OPT_CONFIG), settings_text(s, OPT_ENV), err);
    return rc;
}

/* ---- for the library ------------------------------------------------------------------------- */

/* "user@host" of this process, for the history. */
static const char *who_am_i(struct settings *s)
{
    struct passwd entry, *found = NULL;
    char text[4096], host[256], who[512];

    if (gethostname(host, sizeof(host)) != 0)
        snprintf(host, sizeof(host), "unknown");
    host[sizeof(host) - 1] = '\0';
    if (getpwuid_r(geteuid(), &entry, text, sizeof(text), &found) == 0 && found)
        snprintf(who, sizeof(who), "%.200s@%s", found->pw_name, host);
    else
        snprintf(who, sizeof(who), "%lu@%s", (unsigned long)geteuid(), host);
    return arena_strdup(&s->arena, who);
}

/* "a, b, schema.c" as a list. */
static int required_tables(struct settings *s, struct dunlin_options *options,
                           struct dunlin_error *err)
{
    const char *text = settings_text(s, OPT_REQUIRED_TABLES);
    const char **list;

    if (!text)
        return DUNLIN_OK;
    list = arena_calloc(&s->arena, strlen(text) + 1, sizeof(*list));
    if (!list)
        return error_nomem(err);
    for (text += strspn(text, ", \t"); *text; text += strspn(text, ", \t")) {
        size_t len = strcspn(text, ", \t");

        list[options->nrequired_tables] = arena_strndup(&s->arena, text, len);
        if (!list[options->nrequired_tables++])
            return error_nomem(err);
        text += len;
    }
    options->required_tables = list;
    return DUNLIN_OK;
}

/* Folders with drivers come only from an environment that can be trusted, and never relative: code
 * is loaded from there. */
static int driver_path(struct settings *s, const char **out, struct dunlin_error *err)
{
    const char *value = secure_getenv("DUNLIN_DRIVER_PATH");
    struct buf b = BUF_INIT(65536);
    char *here = NULL;
    int rc = DUNLIN_OK;

    *out = NULL;
    if (!value || !*value)
        return DUNLIN_OK;
    while (value) {
        size_t len = strcspn(value, ":");

        if (len > 0 && b.len > 0)
            buf_addc(&b, ':');
        if (len > 0 && *value != '/') {
            if (!here && !(here = getcwd(NULL, 0))) {
                rc = error_set(err, DUNLIN_CONFIG, DUNLIN_KIND_CONFIG,
                               "DUNLIN_DRIVER_PATH is relative, and the working folder is gone");
                break;
            }
            buf_adds(&b, here);
            buf_addc(&b, '/');
        }
        buf_add(&b, value, len);
        value = value[len] ? value + len + 1 : NULL;
    }
    free(here);
    if (rc == DUNLIN_OK && (b.failed || !(*out = arena_strdup(&s->arena, buf_str(&b)))))
        rc = error_nomem(err);
    buf_free(&b);
    return rc;
}

static int lock_retries(const struct settings *s, uint32_t *out, struct dunlin_error *err)
{
    const char *text = settings_text(s, OPT_LOCK_RETRIES);

    if (!text)
        return DUNLIN_OK;
    if (strlen(text) > 4 || text[strspn(text, "0123456789")] != '\0') {
        error_set(err, DUNLIN_USAGE, DUNLIN_KIND_USAGE, "--lock-retries takes a number");
        error_hint(err, "from 0 to 9999");
        return DUNLIN_USAGE;
    }
    *out = (uint32_t)strtoul(text, NULL, 10);
    return DUNLIN_OK;
}

static int tolerate(const struct settings *s, uint32_t *out, struct dunlin_error *err)
{
    const char *text = settings_text(s, OPT_TOLERATE);

    while (text && *text) {
        size_t n = strcspn(text, ",");

        if (n == 6 && strncmp(text, "exists", n) == 0)
            *out |= DUNLIN_TOLERATE_EXISTS;
        else if (n == 7 && strncmp(text, "missing", n) == 0)
            *out |= DUNLIN_TOLERATE_MISSING;
        else
            return error_set(err, DUNLIN_USAGE, DUNLIN_KIND_USAGE,
                             "--tolerate takes exists, missing, or exists,missing");
        text += n + (text[n] == ',');
    }
    return DUNLIN_OK;
}

int settings_options(struct settings *s, struct dunlin_options *options, struct dunlin_error *err)
{
    const struct setting *dirs = &s->items[OPT_DIR];
    int rc;

    options->url = settings_text(s, OPT_URL);
    options->dirs = dirs->count ? dirs->values : NULL;
    options->ndirs = dirs->count;
    options->table = settings_text(s, OPT_TABLE);
    options->baseline_schema = settings_text(s, OPT_BASELINE_SCHEMA);
    options->applied_by = who_am_i(s);
    options->out_of_order = settings_word(s, OPT_OUT_OF_ORDER);
    options->unnumbered = settings_word(s, OPT_UNNUMBERED);
    options->layout = settings_text(s, OPT_LAYOUT);
    options->foreign_code = settings_word(s, OPT_FOREIGN_CODE);
    options->layout_table = settings_text(s, OPT_LAYOUT_TABLE);
    options->from = settings_text(s, OPT_FROM);
    options->history = settings_word(s, OPT_HISTORY);
    options->lock_wait_ms = settings_ms(s, OPT_LOCK_WAIT, options->lock_wait_ms);
    options->lock_timeout_ms = settings_ms(s, OPT_LOCK_TIMEOUT, options->lock_timeout_ms);
    options->statement_timeout_ms = settings_ms(s, OPT_STATEMENT_TIMEOUT, 0);
    options->set = s->items[OPT_SET].values;
    options->nset = s->items[OPT_SET].count;
    options->allow_exec = settings_switch(s, OPT_ALLOW_EXEC) > 0;
    options->environment = (const char *const *)environ;
    options->single_transaction = settings_word(s, OPT_TRANSACTION) == 1;
    options->durable_each = settings_word(s, OPT_DURABLE) == 1;
    rc = lock_retries(s, &options->lock_retries, err);
    if (!rc)
        rc = tolerate(s, &options->tolerate, err);
    if (!rc)
        rc = required_tables(s, options, err);
    options->sslmode = s->sslmode;
    options->schema = s->schema;
    return rc ? rc : driver_path(s, &options->driver_path, err);
}
