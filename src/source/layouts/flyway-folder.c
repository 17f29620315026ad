/* SPDX-License-Identifier: MIT */
/* What the files of a Flyway folder are, by their names. */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/error.h"
#include "source/layouts/flyway-folder.h"

#define TITLE_MAX 200 /* characters that the table has room for */

/* As the table has it. */
static const char *title_of(struct listing *l, const char *text, size_t len)
{
    char *title = listing_text(l, text, len, '_', ' ');
    size_t count = 0, cut = 0;

    if (!title)
        return NULL;
    for (size_t i = 0; title[i]; i++) {
        count += ((unsigned char)title[i] & 0xc0) != 0x80;
        if (count <= TITLE_MAX - 3)
            cut = i + 1;
    }
    return count <= TITLE_MAX ? title : arena_printf(l->arena, "%.*s...", (int)cut, title);
}

/* Digits with one "." or "_" between them. */
static bool version_valid(const char *text, size_t len)
{
    bool digit = false;

    for (size_t i = 0; i < len; i++) {
        bool is = text[i] >= '0' && text[i] <= '9';

        if (!is && (!digit || (text[i] != '.' && text[i] != '_')))
            return false;
        digit = is;
    }
    return digit;
}

static int name_refuse(const struct flyway_folder *w, const char *way, struct dunlin_error *err)
{
    if (w->unnumbered == UNNUMBERED_IGNORE)
        return DUNLIN_OK;
    error_set(err, DUNLIN_BAD_FILE, DUNLIN_KIND_FILE,
              "%s/%s is called nearly as Flyway wants it, which passes over it",
              w->listing.folder->path, way);
    error_hint(err, "the name is V, a version as 1.2, two \"_\" and a description; --unnumbered "
                    "ignore passes over such files");
    return source_refused(w->listing.folder, DUNLIN_BAD_FILE, false, err);
}

/* In other words than SQL. */
static bool is_script(const char *name)
{
    static const char *const extensions[] = {".sh", ".bash", ".ps1", ".bat", ".cmd"};

    for (size_t i = 0; i < sizeof(extensions) / sizeof(extensions[0]); i++) {
        if (strcmp(name_extension(name), extensions[i]) == 0)
            return true;
    }
    return false;
}

/* Which of the lists the file goes to. */
static struct listing *list_for(struct flyway_folder *w, char prefix)
{
    return prefix == 'U' ? &w->undos : prefix == 'B' ? &w->bases : &w->listing;
}

static int add_migration(struct flyway_folder *w, const char *way, const char *base, size_t stem,
                         bool program, struct dunlin_error *err)
{
    struct listing *l = list_for(w, *base);
    const char *parted = strstr(base, "__");
    size_t version = parted && parted < base + stem ? (size_t)(parted - base) - 1 : stem - 1;
    size_t behind = 1 + version + 2 < stem ? 1 + version + 2 : stem;
    struct flyway_file *extra = arena_calloc(l->arena, 1, sizeof(*extra));
    struct source_file file = {.program = program};
    bool left_out = false, repeatable = *base == 'R';
    struct migration *m;
    int rc = extra ? listing_file(l, way, PART_UP, &file, err) : error_nomem(err);

    if (rc)
        return rc;
    extra->project = w->project;
    extra->repeatable = repeatable;
    extra->literal =
        strcasecmp(flyway_value(w->project, "placeholderReplacement", ""), "false") == 0;
    file.extra = extra;
    rc = flyway_conf_read(l->folder, &file, extra, &left_out, err);
    if (rc || left_out)
        return rc;
    m = repeatable ? listing_add(l, base, stem) : listing_add(l, base + 1, version);
    if (!m)
        return error_nomem(err);
    m->kind = repeatable ? MIGRATION_REPEATABLE : MIGRATION_VERSIONED;
    m->name = listing_text(l, base + behind, stem - behind, 0, 0);
    m->title = title_of(l, base + behind, stem - behind);
    m->up = file;
    if (m->title && repeatable)
        m->key = arena_printf(l->arena, "R__%s", m->title);
    else if (!repeatable) {
        m->version = listing_text(l, base + 1, version, '_', '.');
        m->key = m->version ? flyway_key(l->arena, m->version, version) : NULL;
    }
    return m->name && m->title && m->key && m->version ? DUNLIN_OK : error_nomem(err);
}

/* Whether it is the name of a migration; *near = only nearly. */
static bool is_migration(const char *base, size_t stem, bool *near)
{
    const char *parted = strstr(base, "__");
    size_t version = parted && parted < base + stem ? (size_t)(parted - base) - 1 : stem - 1;

    *near = false;
    if (stem < 2 || !strchr("VUBR", *base))
        return false;
    if (*base == 'R')
        return stem > 3 && version == 0;
    if (version_valid(base + 1, version))
        return true;
    *near = base[1] == '_' || (base[1] >= '0' && base[1] <= '9');
    return false;
}

static int take_file(const char *way, const char *base, void *user, struct dunlin_error *err)
{
    struct flyway_folder *w = user;
    size_t len = strlen(base), stem = (size_t)(name_extension(base) - base);
    bool sql = len > 4 && strcasecmp(base + len - 4, ".sql") == 0, script = is_script(base), near;
    const struct flyway_event *event = sql || script ? flyway_event_of(base, stem) : NULL;
    size_t before = w->listing.count;
    int rc = DUNLIN_OK;

    if (event && sql)
        return source_refused(w->listing.folder, flyway_add_callback(w, way, event, err), false,
                              err);
    if (!event && !is_migration(base, stem, &near))
        return near && sql ? name_refuse(w, way, err) : DUNLIN_OK;
    if (sql)
        return add_migration(w, way, base, stem, false, err);
    if (script && w->listing.folder->foreign_code == FOREIGN_CODE_EXEC && !event)
        return add_migration(w, way, base, stem, true, err);
    if (script && w->listing.folder->foreign_code != FOREIGN_CODE_SKIP)
        buf_addf(&w->listing.foreign, "%s%s", w->listing.nforeign++ ? ", " : "", way);
    if (!script)
        (void)listing_foreign(&w->listing, way, &rc, err);
    if (!rc && w->listing.count > before) { /* as a program, and known by another version */
        w->listing.count = before;
        rc = add_migration(w, way, base, stem, true, err);
    }
    return rc;
}

int flyway_folder_read(struct flyway_folder *w, struct dunlin_error *err)
{
    int rc;

    w->project = arena_calloc(w->listing.arena, 1, sizeof(*w->project));
    if (!w->project)
        return error_nomem(err);
    rc = flyway_project_load(w->listing.folder, w->listing.arena, w->project, err);
    if (!rc)
        rc = flyway_check_settings(w, err);
    if (!rc)
        rc = flyway_note_table(w, err);
    return rc ? rc : listing_walk(w->listing.folder, take_file, w, err);
}
