/* SPDX-License-Identifier: MIT */
/*
 * Atlas: VERSION_name.sql in the order of the names, with the sums of all in atlas.sum. Directives
 * are comments at the start of a file. A checkpoint is what the files before it come to: it is
 * passed over where these are there, and a row of it says that they are applied.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "source/layouts/atlas.h"
#include "source/layouts/layouts.h"

static bool is_down(const char *name)
{
    size_t stem;

    return name_ends(name, ".down.sql", &stem);
}

/* Atlas also sums folders of other tools. */
static const char *atlas_recognise(struct glance *g)
{
    return folder_has(g->folder, ATLAS_SUM) && !glance_name(g, is_down) ? "its " ATLAS_SUM : NULL;
}

/* ---- files ----------------------------------------------------------------------------------- */

static int entry(const char *name, bool folder, void *user, struct dunlin_error *err)
{
    struct listing *l = user;
    size_t stem, version;
    struct migration *m;

    if (folder || !name_ends(name, ".sql", &stem))
        return DUNLIN_OK;
    if (is_down(name)) {
        error_set(err, DUNLIN_BAD_FILE, DUNLIN_KIND_FILE,
                  "%s/%s: Atlas would run it upwards like any other file", l->folder->path, name);
        error_hint(err, "is the folder one of golang-migrate? --layout golang-migrate");
        return DUNLIN_BAD_FILE;
    }
    version = strcspn(name, "_");
    version = version < stem ? version : stem;
    m = listing_add(l, name, version);
    if (!m)
        return error_nomem(err);
    m->name = version < stem ? listing_text(l, name + version + 1, stem - version - 1, 0, 0) : "";
    return m->name ? listing_file(l, name, PART_UP, &m->up, err) : error_nomem(err);
}

/* Another checkpoint that stands for this file and those before it. */
static int checkpoint_add(struct listing *l, struct migration *m, const char *version,
                          struct dunlin_error *err)
{
    struct atlas_file *f = arena_alloc(l->arena, sizeof(*f));

    if (!f)
        return error_nomem(err);
    *f = *(const struct atlas_file *)m->extra;
    f->checkpoints =
        arena_printf(l->arena, "%s%s\n", f->checkpoints ? f->checkpoints : "", version);
    m->extra = m->up.extra = f;
    return f->checkpoints ? DUNLIN_OK : error_nomem(err);
}

/* Takes out the checkpoints that others stand before. */
static int checkpoints(struct listing *l, struct dunlin_error *err)
{
    size_t kept = 0;
    int rc = DUNLIN_OK;

    for (size_t i = 0; !rc && i < l->count; i++) {
        const struct atlas_file *f = l->list[i].extra;

        if (f->checkpoint && kept)
            rc = checkpoint_add(l, &l->list[kept - 1], l->list[i].version, err);
        else
            l->list[kept++] = l->list[i];
    }
    l->count = kept;
    return rc;
}

static int atlas_list(struct folder *f, enum unnumbered unnumbered, struct arena *arena,
                      struct dunlin_error *err)
{
    struct listing l = LISTING_INIT(f, arena);
    int rc;

    (void)unnumbered;
    rc = folder_entries(f, NULL, entry, &l, err);
    if (!rc && l.count > 1)
        qsort(l.list, l.count, sizeof(*l.list), by_file);
    if (!rc)
        rc = atlas_read(&l, err);
    if (!rc)
        rc = checkpoints(&l, err);
    return listing_done(&l, NULL, rc, err);
}

static int atlas_checksum(const struct migration *m, char out[FOREIGN_SUM_SIZE],
                          struct dunlin_error *err)
{
    const struct atlas_file *f = m->extra;

    (void)err;
    snprintf(out, FOREIGN_SUM_SIZE, "%s", f ? f->hash : "");
    return DUNLIN_OK;
}

/* ---- directives ------------------------------------------------------------------------------ */

#define SEEN_TXMODE DELIMITER_SEEN

static bool is(const struct atlas_directive *d, const char *name)
{
    return strcmp(d->name, name) == 0;
}

static bool value_is(const struct atlas_directive *d, const char *value)
{
    return d->len == strlen(value) && memcmp(d->value, value, d->len) == 0;
}

static int txmode(struct rewrite *w, const struct atlas_directive *d, struct dunlin_error *err)
{
    if (w->seen & SEEN_TXMODE)
        return rewrite_refuse(w, err, NULL, "a second atlas:txmode");
    w->seen |= SEEN_TXMODE;
    if (value_is(d, "file"))
        return DUNLIN_OK;
    if (!value_is(d, "none"))
        return rewrite_refuse(w, err, "in a file it is none or file", "atlas:txmode cannot be %.*s",
                              (int)(d->len > 100 ? 100 : d->len), d->value);
    rewrite_mark(w, "all transaction:off");
    return DUNLIN_OK;
}

static int obey(struct rewrite *w, const struct atlas_directive *d, struct dunlin_error *err)
{
    const struct atlas_file *f = w->file->extra;

    if (is(d, "txmode"))
        return txmode(w, d, err);
    if (is(d, "import"))
        return rewrite_refuse(w, err, "put its text into this file",
                              "atlas:import: only Atlas brings in other files");
    if (is(d, "delimiter") && w->line == 1 && f->unknown)
        return rewrite_refuse(w, err,
                              "end the statements with \";\", or with a delimiter that "
                              "stands in one line or is empty lines",
                              "dunlin cannot go by this delimiter");
    if (is(d, "delimiter") || is(d, "checkpoint") || is(d, "nolint") || is(d, "sum"))
        return DUNLIN_OK;
    return rewrite_refuse(w, err,
                          "directives are txmode, delimiter, checkpoint, nolint, sum and import",
                          "unknown directive of Atlas \"atlas:%s\"", d->name);
}

static int atlas_rewrite(struct rewrite *w, const char *line, size_t len, struct dunlin_error *err)
{
    const struct atlas_file *f = w->file->extra;
    struct atlas_directive d;

    if (!line || !f)
        return DUNLIN_OK;
    if (w->line <= f->head || (w->line == 1 && f->delimited)) {
        text_trim(&line, &len);
        return atlas_directive(line, len, &d) ? obey(w, &d, err) : DUNLIN_OK;
    }
    return f->delimited ? delimiter_line(w, &f->delimiter, line, len, err) : DUNLIN_OK;
}

const struct layout atlas_layout = {.name = "atlas",
                                    .tool = "Atlas",
                                    .listed = true,
                                    .whole_lines = true,
                                    .recognise = atlas_recognise,
                                    .list = atlas_list,
                                    .rewrite = atlas_rewrite,
                                    .checksum = atlas_checksum};
