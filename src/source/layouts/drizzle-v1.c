/* SPDX-License-Identifier: MIT */
/*
 * drizzle-kit from 1.0 on: a folder for each migration, with a migration.sql in it, in the order of
 * JavaScript's localeCompare. The folder's name is what drizzle-orm knows it by; it begins with
 * a time, which the table holds as well. "--> statement-breakpoint" ends a statement.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "source/hash.h"
#include "source/layouts/layouts.h"
#include "source/listing.h"

#define JOURNAL "meta/_journal.json"
#define TIME_DIGITS 14u

static const char *drizzle_v1_recognise(struct glance *g)
{
    if (!glance_migrations(g))
        return NULL;
    if (glance_below(g, "snapshot.json"))
        return "its folders with migration.sql and snapshot.json";
    return folder_has(g->folder, "migration_lock.toml") ? NULL : GLANCE_MIGRATIONS;
}

static int64_t number(const char *digits, size_t len)
{
    int64_t n = 0;

    for (size_t i = 0; i < len; i++)
        n = n * 10 + (digits[i] - '0');
    return n;
}

/* Days since 1970, of the first of a month; months from 0, and as many as wanted. */
static int64_t days_before(int64_t year, int64_t month)
{
    static const int before[] = {0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334};
    int64_t years;
    bool leap;

    year += month / 12;
    month %= 12;
    years = year - 1;
    leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    return year * 365 + years / 4 - years / 100 + years / 400 + before[month] +
           (leap && month > 1) - 719527;
}

/* YYYYMMDDhhmmss, UTC, in milliseconds; what is too large carries over, as in JavaScript. */
static int64_t folder_time(const char *name)
{
    int64_t days, month = number(name + 4, 2);

    days = month ? days_before(number(name, 4), month - 1) : days_before(number(name, 4) - 1, 11);
    days += number(name + 6, 2) - 1;
    return (((days * 24 + number(name + 8, 2)) * 60 + number(name + 10, 2)) * 60 +
            number(name + 12, 2)) *
           1000;
}

/* Its table has the time in a column of its own, for which the title is used. */
static int entry(const char *name, bool folder, void *user, struct dunlin_error *err)
{
    struct listing *l = user;
    size_t digits = leading_digits(name);
    struct migration *m;
    char text[512];

    snprintf(text, sizeof(text), "%s/migration.sql", name);
    if (!folder || folder_lacks(l->folder, text))
        return DUNLIN_OK;
    if (digits < TIME_DIGITS) {
        error_set(err, DUNLIN_BAD_FILE, DUNLIN_KIND_FILE,
                  "%s/%s does not begin with a time of 14 digits", l->folder->path, name);
        error_hint(err, "drizzle-kit calls its folders YYYYMMDDHHMMSS_name");
        return DUNLIN_BAD_FILE;
    }
    m = listing_add(l, name, strlen(name));
    if (!m)
        return error_nomem(err);
    m->name = name[digits] == '_' ? m->version + digits + 1 : m->version;
    m->title = arena_printf(l->arena, "%" PRId64, folder_time(name));
    return m->title ? listing_file(l, text, PART_UP, &m->up, err) : error_nomem(err);
}

static int drizzle_v1_list(struct folder *f, enum unnumbered unnumbered, struct arena *arena,
                           struct dunlin_error *err)
{
    struct listing l = LISTING_INIT(f, arena);
    int rc;

    (void)unnumbered;
    if (folder_has(f, JOURNAL)) {
        error_set(err, DUNLIN_BAD_FILE, DUNLIN_KIND_FILE,
                  "%s/" JOURNAL " says that this is a folder of drizzle-kit before 1.0", f->path);
        error_hint(err, "use --layout drizzle, or let drizzle-kit up convert it");
        return DUNLIN_BAD_FILE;
    }
    rc = folder_entries(f, NULL, entry, &l, err);
    return listing_done(&l, by_locale, rc, err);
}

static int drizzle_v1_checksum(const struct migration *m, char out[FOREIGN_SUM_SIZE],
                               struct dunlin_error *err)
{
    return file_hex(&m->up, SUM_SHA256, out, err);
}

const struct layout drizzle_v1_layout = {.name = "drizzle-v1",
                                         .tool = "drizzle-orm 1.0",
                                         .breakpoints = true,
                                         .listed = true,
                                         .recognise = drizzle_v1_recognise,
                                         .list = drizzle_v1_list,
                                         .checksum = drizzle_v1_checksum};
