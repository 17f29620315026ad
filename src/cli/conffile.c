/* SPDX-License-Identifier: MIT */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif
#include "cli/conffile.h"

#include <ctype.h>
#include <ini.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include "base/error.h"
#include "cli/file.h"
#include "cli/values.h"

/* The parser of lines is inih; what they mean is ours. We hand it the lines ourselves, since it
 * tells neither line numbers nor that it has cut a long line. */
struct conf_reader {
    struct settings *s;
    const char *path, *next;
    const char *env;
    uint32_t line;
    bool env_found;
    int rc;
    char section[64];
    bool seen[OPT_COUNT]; /* in this section */
    struct dunlin_error *err;
};

__attribute__((format(printf, 2, 3))) static int conf_error(struct conf_reader *r,
                                                            const char *format, ...)
{
    if (r->rc == DUNLIN_OK) {
        char message[256];
        va_list ap;

        va_start(ap, format);
        vsnprintf(message, sizeof(message), format, ap);
        va_end(ap);
        r->rc = error_set(r->err, DUNLIN_CONFIG, DUNLIN_KIND_CONFIG, "%s", message);
        error_place(r->err, r->path, r->line, 0);
    }
    return 0;
}

/* inih tells of a section only with its first key: an empty one is found here. */
static void note_section(struct conf_reader *r, const char *line, size_t len)
{
    size_t want = r->env ? strlen(r->env) : 0;

    if (want && len >= want + 6 && strncmp(line, "[env ", 5) == 0 &&
        strncmp(line + 5, r->env, want) == 0 && line[5 + want] == ']')
        r->env_found = true;
}

static char *conf_gets(char *to, int size, void *user)
{
    struct conf_reader *r = user;
    size_t len = strcspn(r->next, "\n");

    if (!*r->next || r->rc != DUNLIN_OK)
        return NULL;
    r->line++;
    /* Room for the line end and NUL, and one more that inih keeps for itself. */
    if (size < 4 || len > (size_t)size - 3) {
        conf_error(r, "the line is too long for a config file");
        error_hint(r->err, "put a long URL into $DUNLIN_URL or the .env file");
        return NULL;
    }
    note_section(r, r->next, len);
    memcpy(to, r->next, len);
    to[len] = '\n';
    to[len + 1] = '\0';
    r->next += len + (r->next[len] == '\n');
    return to;
}

static int unknown_key(struct conf_reader *r, const char *key)
{
    unsigned best = 4;
    const char *near = NULL;

    conf_error(r, "unknown key \"%.60s\"", key);
    for (int i = 0; i < OPT_COUNT; i++) {
        const struct option_def *def = option_def((enum option_id)i);

        if ((def->sources & OPTION_CONFIG) && word_near(key, def->name, &best))
            near = def->name;
    }
    if (near)
        error_hint(r->err, "did you mean \"%s\"?", near);
    return 0;
}

/* 'quotes' and "quotes" around a whole value belong to the file, not to the value. */
static const char *unquote(struct conf_reader *r, const char *value)
{
    size_t len = strlen(value);

    if (len >= 2 && (*value == '"' || *value == '\'') && value[len - 1] == *value)
        return arena_strndup(&r->s->arena, value + 1, len - 2);
    return value;
}

static int enter_section(struct conf_reader *r, const char *section)
{
    if (strcmp(section, r->section) == 0)
        return 1;
    text_copy(r->section, sizeof(r->section), section, strlen(section));
    memset(r->seen, 0, sizeof(r->seen));
    if (*section && strncmp(section, "env ", 4) != 0) {
        conf_error(r, "unknown section [%.60s]", section);
        error_hint(r->err, "sections are called [env NAME]");
        return 0;
    }
    return 1;
}

/* required_tables is required-tables. */
static const char *dashed(const char *key, char *to, size_t size)
{
    text_copy(to, size, key, strlen(key));
    for (char *c = to; *c; c++)
        *c = *c == '_' ? '-' : *c;
    return to;
}

static int conf_key(void *user, const char *section, const char *key, const char *value)
{
    struct conf_reader *r = user;
    char name[64];
    const struct option_def *def = option_find(dashed(key, name, sizeof(name)));
    struct place place = {FROM_CONFIG, key, r->path, r->line};

    if (r->rc != DUNLIN_OK || !enter_section(r, section))
        return 0;
    if (!def || !(def->sources & OPTION_CONFIG))
        return unknown_key(r, key);
    if (r->seen[def->id] && def->kind != VALUE_LIST && def->kind != VALUE_PAIR) {
        conf_error(r, "\"%s\" stands twice in its section", key);
        error_hint(r->err, "a line that begins with a blank goes on with the key before it");
        return 0;
    }
    r->seen[def->id] = true;
    if (*section) {
        if (!r->env || strcmp(section + 4, r->env) != 0)
            return 1;
        r->env_found = true;
        place.origin = FROM_CONFIG_SECTION;
    }
    value = unquote(r, value ? value : "");
    r->rc = value ? settings_add(r->s, def->id, &place, value, r->err) : error_nomem(r->err);
    return r->rc == DUNLIN_OK;
}

#if INI_HANDLER_LINENO
static int conf_handler(void *user, const char *section, const char *key, const char *value,
                        int lineno)
{
    (void)lineno; /* ours counts the same */
    return conf_key(user, section, key, value);
}
#else
#define conf_handler conf_key
#endif

int conffile_parse(struct settings *s, const char *path, const char *text, const char *env,
                   struct dunlin_error *err)
{
    struct conf_reader r = {.s = s, .path = path, .next = text, .env = env, .err = err};
    int line = ini_parse_stream(conf_gets, &r, conf_handler, &r);

    if (r.rc == DUNLIN_OK && line > 0) {
        r.line = (uint32_t)line;
        conf_error(&r, "expected \"key = value\" or \"[env NAME]\"");
    }
    if (r.rc == DUNLIN_OK && line < 0)
        return error_nomem(err);
    if (r.rc == DUNLIN_OK && env && !r.env_found) {
        r.line = 0;
        conf_error(&r, "there is no section [env %.60s]", env);
    }
    return r.rc;
}

int conffile_load(struct settings *s, const char *path, const char *env, struct dunlin_error *err)
{
    struct buf text = BUF_INIT(SETTINGS_FILE_MAX + 2);
    const char *name = path ? path : "dunlin.conf";
    bool found;
    int rc = file_read(name, path != NULL, &text, &found, err);

    if (rc == DUNLIN_OK && found)
        rc = conffile_parse(s, name, buf_str(&text), env, err);
    else if (rc == DUNLIN_OK && env)
        rc = error_set(err, DUNLIN_CONFIG, DUNLIN_KIND_CONFIG,
                       "--env %s needs a config file, and there is no dunlin.conf here", env);
    buf_free(&text);
    return rc;
}
