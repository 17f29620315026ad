/* SPDX-License-Identifier: MIT */
/* All layouts, and which of them a folder has. */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "source/layout.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/error.h"
#include "source/folder.h"
#include "source/layouts/layouts.h"
#include "source/listing.h"

const struct layout *const layouts[] = {
    &native_layout,      &atlas_layout,
    &dbmate_layout,      &diesel_layout,
    &drizzle_layout,     &drizzle_v1_layout,
    &flyway_layout,      &golang_migrate_layout,
    &goose_layout,       &graphile_migrate_layout,
    &liquibase_layout,   &node_pg_migrate_layout,
    &postgrator_layout,  &prisma_layout,
    &refinery_layout,    &sqitch_layout,
    &sql_migrate_layout, &sqlx_layout,
    &supabase_layout,    &tern_layout,
    &umzug_layout,       NULL,
};

const struct layout *layout_named(const char *name)
{
    for (size_t i = 0; layouts[i]; i++) {
        if (strcmp(layouts[i]->name, name) == 0)
            return layouts[i];
    }
    return NULL;
}

bool layout_is_own(const struct source_file *file)
{
    const struct layout *layout = file->folder->layout;

    return !layout || !layout->tool || strncmp(file->name, "hooks/", 6) == 0;
}

bool layout_rewrites(const struct source_file *file)
{
    const struct layout *layout = file && file->folder ? file->folder->layout : NULL;

    return layout && ((layout->rewrite && !layout_is_own(file)) || file->first_line);
}

/* ---- a look at a folder -----------------------------------------------------------------------
 */

#define HEAD_FILES 3u
#define HEAD_BYTES 2048u

static void glance_take(struct glance *g)
{
    int at = dup(g->folder->fd);
    DIR *dir = at >= 0 ? fdopendir(at) : NULL;
    const struct dirent *entry;

    if (!dir) {
        if (at >= 0)
            close(at);
        return;
    }
    rewinddir(dir);
    while (g->count < sizeof(g->entries) / sizeof(g->entries[0]) && (entry = readdir(dir))) {
        size_t len = strlen(entry->d_name);

        if (entry->d_name[0] == '.' || len >= sizeof(g->entries[0].name))
            continue;
        memcpy(g->entries[g->count].name, entry->d_name, len + 1);
        g->entries[g->count].folder = folder_has_folder(g->folder, entry->d_name);
        g->count++;
    }
    rewinddir(dir);
    closedir(dir);
}

static void head_read(struct glance *g, const char *name, struct buf *heads)
{
    struct dunlin_error ignored = DUNLIN_ERROR_INIT;
    struct stat st;
    char block[HEAD_BYTES];
    ssize_t got;
    int fd = -1;

    if (folder_open_file(g->folder, name, &fd, &st, &ignored) != DUNLIN_OK)
        return;
    got = pread(fd, block, sizeof(block), 0);
    close(fd);
    if (got > 3 && memcmp(block, "\xef\xbb\xbf", 3) == 0)
        buf_add(heads, block + 3, (size_t)got - 3);
    else if (got > 0)
        buf_add(heads, block, (size_t)got);
    buf_addc(heads, '\n');
}

static void heads_read(struct glance *g)
{
    struct buf heads = BUF_INIT((HEAD_BYTES + 1) * HEAD_FILES + 1);
    size_t files = 0;

    buf_addc(&heads, '\n');
    for (size_t i = 0; i < g->count && files < HEAD_FILES; i++) {
        size_t stem;
        bool gzip;

        if (g->entries[i].folder || !sql_file_name(g->entries[i].name, &stem, &gzip) || gzip)
            continue;
        head_read(g, g->entries[i].name, &heads);
        files++;
    }
    g->heads = heads.data;
    for (size_t i = 0; i < heads.len; i++) { /* what is no text ends no text */
        if (g->heads[i] == '\0')
            g->heads[i] = ' ';
    }
}

/* A mark of dunlin's own says more than a line of any tool. */
bool glance_line(struct glance *g, const char *start)
{
    size_t len = strlen(start);

    if (!g->heads)
        heads_read(g);
    if (g->heads && strstr(g->heads, "\n-- migrate:"))
        return false;
    for (const char *at = g->heads; at && *at; at = strchr(at, '\n')) {
        at += strspn(at, "\r\n");
        if (strncmp(at, start, len) == 0)
            return true;
    }
    return false;
}

bool glance_below(const struct glance *g, const char *name)
{
    char way[600];

    for (size_t i = 0; i < g->count; i++) {
        if (!g->entries[i].folder)
            continue;
        snprintf(way, sizeof(way), "%s/%s", g->entries[i].name, name);
        if (folder_has(g->folder, way))
            return true;
    }
    return false;
}

bool glance_name(const struct glance *g, bool (*is)(const char *name))
{
    for (size_t i = 0; i < g->count; i++) {
        if (!g->entries[i].folder && is(g->entries[i].name))
            return true;
    }
    return false;
}

bool glance_migrations(const struct glance *g)
{
    return glance_below(g, "migration.sql") && !folder_has(g->folder, "meta/_journal.json");
}

/* ---- a folder with nothing for dunlin ---------------------------------------------------------
 */

struct overlooked {
    char *name;
    bool *folder;
    bool code; /* files in another language count */
};

static int overlook(const char *name, bool folder, void *user, struct dunlin_error *err)
{
    struct overlooked *o = user;

    (void)err;
    if (folder ? strcmp(name, "hooks") == 0 : !o->code || !code_name(name))
        return DUNLIN_OK;
    if (strlen(name) < 256 && (!*o->name || strcmp(name, o->name) < 0)) {
        memcpy(o->name, name, strlen(name) + 1);
        *o->folder = folder;
    }
    return DUNLIN_OK;
}

bool layout_overlooks(const struct folder *f, char name[256], bool *folder)
{
    struct dunlin_error ignored = DUNLIN_ERROR_INIT;
    struct overlooked o = {
        .name = name, .folder = folder, .code = f->foreign_code == FOREIGN_CODE_REFUSE};

    name[0] = '\0';
    if (f->layout->tool || f->count)
        return false;
    (void)folder_entries(f, NULL, overlook, &o, &ignored);
    return name[0] != '\0';
}

/* ---- which it is ------------------------------------------------------------------------------
 */

int layout_recognise(struct folder *f, const struct layout **out, const char **why,
                     struct dunlin_error *err)
{
    struct buf names = BUF_INIT(1024);
    struct glance g = {.folder = f};
    size_t found = 0;

    glance_take(&g);
    *out = layouts[0];
    *why = NULL;
    for (size_t i = 1; layouts[i]; i++) {
        const char *evidence = layouts[i]->recognise ? layouts[i]->recognise(&g) : NULL;

        if (!evidence)
            continue;
        buf_addf(&names, "%s%s (%s)", found++ ? " or " : "", layouts[i]->name, evidence);
        *out = layouts[i];
        *why = evidence;
    }
    if (found > 1) {
        error_set(err, DUNLIN_CONFIG, DUNLIN_KIND_CONFIG, "the folder %s may be one of %s", f->path,
                  buf_str(&names));
        error_hint(err, "say which with --layout NAME");
    }
    buf_free(&names);
    free(g.heads);
    return found > 1 ? DUNLIN_CONFIG : DUNLIN_OK;
}

bool layout_reason(const struct folder *f, char *text, size_t size)
{
    if (!f->recognised)
        return false;
    snprintf(text, size, "%s is taken for a folder of %s, because of %s (--layout %s)", f->path,
             f->layout->tool, f->recognised, f->layout->name);
    return true;
}
