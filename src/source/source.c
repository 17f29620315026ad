/* SPDX-License-Identifier: MIT */
/* Opening all folders of a project: each once, and each under a label of its own. */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "source/source.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>

#include "base/error.h"
#include "source/folder.h"
#include "source/layout.h"

/* Compares the last folder with those before it. */
static int check_distinct(const struct source *s, struct dunlin_error *err)
{
    const struct folder *last = &s->folders[s->count - 1];
    struct stat a, b;

    if (fstat(last->fd, &a) != 0)
        return error_set(err, DUNLIN_CONFIG, DUNLIN_KIND_CONFIG, "cannot open the folder %s: %s",
                         last->path, strerror(errno));
    for (const struct folder *f = s->folders; f < last; f++) {
        if (fstat(f->fd, &b) == 0 && a.st_dev == b.st_dev && a.st_ino == b.st_ino)
            return error_set(err, DUNLIN_CONFIG, DUNLIN_KIND_CONFIG,
                             "the folder %s is given twice, also as %s", last->path, f->path);
        if (strcmp(f->label, last->label) == 0) {
            error_set(err, DUNLIN_CONFIG, DUNLIN_KIND_CONFIG,
                      "the folders %s and %s have the same label \"%s\"", f->path, last->path,
                      f->label);
            error_hint(err, "give one of them another: -d LABEL=%s", last->path);
            return DUNLIN_CONFIG;
        }
    }
    return DUNLIN_OK;
}

int source_refused(const struct folder *f, int rc, bool duplicate, struct dunlin_error *err)
{
    struct source_problem *p;

    if (rc != DUNLIN_BAD_FILE || !f->lenient || !err)
        return rc;
    p = arena_calloc(&f->lenient->arena, 1, sizeof(*p));
    if (!p)
        return error_nomem(err);
    p->error = *err;
    p->source = f->label;
    p->duplicate = duplicate;
    p->next = f->lenient->problems;
    f->lenient->problems = p;
    memset(err, 0, sizeof(*err));
    err->size = sizeof(*err);
    return DUNLIN_OK;
}

static int layout_find(struct folder *f, const char *name, struct dunlin_error *err)
{
    if (!name || strcmp(name, "auto") == 0)
        return layout_recognise(f, &f->layout, &f->recognised, err);
    f->layout = layout_named(name);
    if (f->layout)
        return DUNLIN_OK;
    error_set(err, DUNLIN_CONFIG, DUNLIN_KIND_CONFIG, "there is no layout \"%.100s\"", name);
    error_hint(err, "dunlin-layouts(7) has their names; auto looks into the folder");
    return DUNLIN_CONFIG;
}

/* What is wrong in a folder may be that it is none of that tool. */
static int list(struct folder *f, enum unnumbered unnumbered, struct arena *arena,
                struct dunlin_error *err)
{
    char reason[1024];
    int rc = f->layout->list(f, unnumbered, arena, err);

    if (rc == DUNLIN_BAD_FILE && err && !err->detail[0] && layout_reason(f, reason, sizeof(reason)))
        error_detail(err, "%s", reason);
    return rc;
}

static int open_all(struct source *s, const char *const *dirs, size_t ndirs,
                    const struct source_options *o, struct dunlin_error *err)
{
    for (size_t i = 0; i < ndirs; i++) {
        struct folder *f = &s->folders[i];
        int rc = folder_spec(dirs[i], i == 0, &s->arena, f, err);

        if (rc == DUNLIN_OK)
            rc = folder_open(f, &s->arena, err);
        if (rc != DUNLIN_OK)
            return rc;
        s->count++; /* from here on source_close closes it */
        f->lenient = o->lenient ? s : NULL;
        f->foreign_code = o->foreign_code;
        f->engine = o->engine;
        f->environment = o->environment;
        rc = layout_find(f, o->layout, err);
        if (rc == DUNLIN_OK)
            rc = check_distinct(s, err);
        if (rc == DUNLIN_OK)
            rc = list(f, o->unnumbered, &s->arena, err);
        if (rc != DUNLIN_OK)
            return rc;
    }
    return DUNLIN_OK;
}

int source_open_as(const char *const *dirs, size_t ndirs, const struct source_options *options,
                   struct source *out, struct dunlin_error *err)
{
    static const char *const fallback[] = {DEFAULT_FOLDER};
    int rc;

    memset(out, 0, sizeof(*out));
    if (ndirs == 0) {
        dirs = fallback;
        ndirs = 1;
    }
    out->folders = arena_calloc(&out->arena, ndirs, sizeof(*out->folders));
    if (!out->folders)
        return error_nomem(err);
    rc = open_all(out, dirs, ndirs, options, err);
    if (rc != DUNLIN_OK)
        source_close(out);
    return rc;
}

int source_open(const char *const *dirs, size_t ndirs, enum unnumbered unnumbered,
                struct source *out, struct dunlin_error *err)
{
    const struct source_options options = {.unnumbered = unnumbered};

    return source_open_as(dirs, ndirs, &options, out, err);
}

int migration_by_version(const void *a, const void *b)
{
    const struct migration *const *x = a;
    const struct migration *const *y = b;

    return strcmp((*x)->version, (*y)->version);
}

void source_close(struct source *s)
{
    for (size_t i = 0; i < s->count; i++)
        folder_close(&s->folders[i]);
    arena_free(&s->arena);
    memset(s, 0, sizeof(*s));
}
