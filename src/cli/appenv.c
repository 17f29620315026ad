/* SPDX-License-Identifier: MIT */
#include "cli/appenv.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include "base/error.h"
#include "cli/values.h"

static const char *variable(const struct dotenv *dotenv, const char *name)
{
    const char *value = getenv(name);
    const struct dotenv_entry *entry;

    if (value && *value)
        return value;
    entry = dotenv_find(dotenv, name);
    return entry && *entry->value ? entry->value : NULL;
}

static int bad(const char *name, const char *wanted, struct dunlin_error *err)
{
    return error_set(err, DUNLIN_CONFIG, DUNLIN_KIND_CONFIG, "%s must be %s", name, wanted);
}

static bool is_one_of(const char *value, const char *const *words)
{
    for (; *words; words++) {
        if (strcasecmp(value, *words) == 0)
            return true;
    }
    return false;
}

/* What other programs write for yes and no, and the words of a URL's sslmode. */
static int ssl(const char *value, const char **mode, struct dunlin_error *err)
{
    static const char *const yes[] = {"true", "1", "yes", "on", "require", "required", NULL};
    static const char *const no[] = {"false", "0", "no", "off", "disable", "disabled", NULL};
    static const char *const words[] = {"allow", "prefer", "verify-ca", "verify-full", NULL};

    if (is_one_of(value, yes))
        *mode = "require";
    else if (is_one_of(value, no))
        *mode = "disable";
    else if (is_one_of(value, words))
        *mode = value;
    else
        return bad("DATABASE_SSL", "true, false or a word of sslmode", err);
    return DUNLIN_OK;
}

static int milliseconds(const char *value, uint64_t *ms, struct dunlin_error *err)
{
    if (strlen(value) > 12 || value[strspn(value, "0123456789")] != '\0')
        return bad("MIGRATION_TIMEOUT", "a number of milliseconds", err);
    *ms = strtoull(value, NULL, 10);
    return DUNLIN_OK;
}

int appenv_load(struct settings *s, const struct dotenv *dotenv, struct dunlin_error *err)
{
    const char *value = variable(dotenv, "DATABASE_SSL");
    int rc = value ? ssl(value, &value, err) : DUNLIN_OK;
    unsigned on = 1;

    if (!rc && value && !(s->sslmode = arena_strdup(&s->arena, value)))
        rc = error_nomem(err);
    value = variable(dotenv, "DATABASE_SCHEMA");
    if (!rc && value && !(s->schema = arena_strdup(&s->arena, value)))
        rc = error_nomem(err);
    value = variable(dotenv, "MIGRATION_TIMEOUT");
    if (!rc && value)
        rc = milliseconds(value, &s->run_timeout_ms, err);
    value = variable(dotenv, "MIGRATION_AUTO_RUN");
    if (!rc && value && !parse_switch(value, &on))
        rc = bad("MIGRATION_AUTO_RUN", "yes or no", err);
    s->no_auto_run = on == 0;
    return rc;
}
