/* SPDX-License-Identifier: MIT */
/*
 * From another layout to dunlin's own. The folder is written under another name and read again;
 * only then do the rows of the history change, and the folder gets its name before they are there
 * for good: a failure takes both back.
 */
#include "api/context.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/error.h"
#include "plan/convert.h"
#include "source/folder.h"
#include "source/hash.h"
#include "source/layout.h"

struct convert {
    struct dunlin *d;
    const struct folder *from;
    struct new_folder to;
    struct conversion *list;
    struct arena arena;
    bool dry;
    dunlin_conversion_fn fn;
    void *user;
};

/* ---- one file -------------------------------------------------------------------------------- */

struct output {
    int fd; /* -1 = the text is only made */
    const char *path;
};

static int output_write(void *user, const char *data, size_t len, struct dunlin_error *err)
{
    struct output *o = user;

    while (len > 0 && o->fd >= 0) {
        ssize_t n = write(o->fd, data, len);

        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return error_set(err, DUNLIN_CONFIG, DUNLIN_KIND_FILE, "cannot write %s: %s", o->path,
                             strerror(errno));
        data += n;
        len -= (size_t)n;
    }
    return DUNLIN_OK;
}

static int output_open(struct convert *c, const char *name, mode_t mode, struct output *o,
                       struct dunlin_error *err)
{
    *o = (struct output){.fd = -1, .path = folder_join(&c->to.folder, name, &c->arena)};
    if (!o->path)
        return error_nomem(err);
    return c->dry ? DUNLIN_OK : new_folder_file(&c->to, name, mode, &o->fd, err);
}

/* On the disk: the history is going to rely on it. */
static int output_close(struct output *o, int rc, struct dunlin_error *err)
{
    bool good = o->fd < 0 || fsync(o->fd) == 0 || errno == EINVAL;
    int code = errno;

    if (o->fd >= 0 && close(o->fd) != 0 && good) {
        good = false;
        code = errno;
    }
    o->fd = -1;
    return rc || good ? rc
                      : error_set(err, DUNLIN_CONFIG, DUNLIN_KIND_FILE, "cannot write %s: %s",
                                  o->path, strerror(code));
}

struct copying {
    struct output *output;
    struct dunlin_error *err;
    int rc;
};

static void copy_bytes(void *user, const char *data, size_t len)
{
    struct copying *c = user;

    if (!c->rc)
        c->rc = output_write(c->output, data, len, c->err);
}

/* What was written, as a file of the new folder. */
static struct source_file written(struct convert *c, const char *name, const char *path)
{
    return (struct source_file){.folder = &c->to.folder, .name = name, .path = path};
}

static int checksum_of(const struct source_file *file, char out[CHECKSUM_SIZE],
                       struct dunlin_error *err)
{
    struct file_text *text;
    int rc = file_text_read(file, false, &text, err);

    if (rc)
        return rc;
    memcpy(out, file_text_checksum(text), strlen(file_text_checksum(text)) + 1);
    file_text_free(text);
    return DUNLIN_OK;
}

static int convert_program(struct convert *c, const struct source_file *file, const char *name,
                           char was[CHECKSUM_SIZE], char is[CHECKSUM_SIZE],
                           struct dunlin_error *err)
{
    struct output o;
    struct copying copying = {.output = &o, .err = err};
    struct source_file now;
    struct stat st;
    int fd = -1, rc = folder_open_file(file->folder, file->name, &fd, &st, err);

    if (rc)
        return rc;
    close(fd);
    if (!(st.st_mode & 0111)) {
        error_set(err, DUNLIN_BAD_FILE, DUNLIN_KIND_FILE, "%s is a program without a run bit",
                  file->path);
        error_hint(err, "chmod +x, if it is to run; --foreign-code skip leaves such files out");
        return DUNLIN_BAD_FILE;
    }
    rc = output_open(c, name, 0777, &o, err);
    if (rc)
        return rc;
    rc = checksum_of(file, was, err);
    if (!rc)
        rc = file_bytes(file, copy_bytes, &copying, err);
    rc = output_close(&o, rc ? rc : copying.rc, err);
    now = written(c, name, o.path);
    return rc || c->dry ? rc : checksum_of(&now, is, err);
}

static int convert_text(struct convert *c, const struct source_file *up,
                        const struct source_file *down, const char *name, char was[CHECKSUM_SIZE],
                        char is[CHECKSUM_SIZE], struct dunlin_error *err)
{
    struct output o;
    struct text_sum sum;
    struct source_file now;
    int rc = output_open(c, name, 0666, &o, err);

    if (rc)
        return rc;
    rc = plan_convert(up, down, &c->d->run.lexing, output_write, &o, &sum, was, err);
    rc = output_close(&o, rc, err);
    now = written(c, name, o.path);
    return rc || c->dry ? rc : plan_convert_check(&now, up, &c->d->run.lexing, &sum, is, err);
}

/* ---- the folder ------------------------------------------------------------------------------ */

static int names(struct convert *c, struct dunlin_error *err)
{
    struct native_as *as = arena_calloc(&c->arena, c->from->count + 1, sizeof(*as));
    const struct migration *behind;
    bool numbered;
    int rc;

    c->list = arena_calloc(&c->arena, c->from->count + 1, sizeof(*c->list));
    if (!as || !c->list)
        return error_nomem(err);
    rc = native_names(c->from, &c->arena, as, &numbered, &behind, err);
    if (rc)
        return rc;
    if (behind)
        run_warn(&c->d->run,
                 "%s runs again whenever it changes: in the new folder it runs behind all others, "
                 "which it did not",
                 behind->up.path);
    for (size_t i = 0; i < c->from->count; i++) {
        c->list[i].migration = &c->from->migrations[i];
        c->list[i].as = as[i];
    }
    return DUNLIN_OK;
}

static int write_hooks(struct convert *c, struct dunlin_error *err)
{
    char was[CHECKSUM_SIZE], is[CHECKSUM_SIZE];
    int rc = DUNLIN_OK;

    for (int h = 0; !rc && h < HOOK_COUNT; h++) {
        const char *name;

        if (!c->from->hooks[h].name)
            continue;
        name = arena_printf(&c->arena, "hooks/%s.sql", hook_names[h]);
        rc =
            name ? convert_text(c, &c->from->hooks[h], NULL, name, was, is, err) : error_nomem(err);
    }
    return rc;
}

/* From now on it should be looked at as one of dunlin's own. */
static void recognised(struct convert *c)
{
    struct dunlin_error ignored = DUNLIN_ERROR_INIT;
    const struct layout *layout;
    const char *why;
    bool doubt = layout_recognise(&c->to.folder, &layout, &why, &ignored) != DUNLIN_OK;

    if (doubt || layout->tool)
        run_warn(&c->d->run,
                 "%s may be taken for a folder of another tool: give --layout native "
                 "with it",
                 c->to.folder.path);
}

static int write_all(struct convert *c, struct dunlin_error *err)
{
    int rc = c->dry ? DUNLIN_OK : new_folder_create(&c->to, &c->arena, err);

    for (size_t i = 0; !rc && i < c->from->count; i++) {
        struct conversion *to = &c->list[i];
        const struct migration *m = to->migration;

        if (atomic_load(&c->d->run.cancelled))
            return run_stopped(&c->d->run, err);
        rc = m->up.program ? convert_program(c, &m->up, to->as.file, to->was, to->is, err)
                           : convert_text(c, &m->up, &m->down, to->as.file, to->was, to->is, err);
    }
    if (!rc)
        rc = write_hooks(c, err);
    if (!rc && !c->dry)
        recognised(c);
    return rc;
}

/* ---- telling, and the end -------------------------------------------------------------------- */

static int tell(void *user, struct dunlin_error *err)
{
    struct convert *c = user;

    for (size_t i = 0; c->fn && i < c->from->count; i++) {
        const struct conversion *to = &c->list[i];
        const struct migration *m = to->migration;
        struct dunlin_conversion out = {
            .size = sizeof(out),
            .from = m->up.path,
            .from_down = m->down.name ? m->down.path : NULL,
            .from_version = m->version,
            .to_version = to->as.version,
            .to = folder_join(&c->to.folder, to->as.file, &c->arena),
            .state = (uint32_t)to->state,
            .recorded = to->recorded,
        };

        if (!out.to)
            return error_nomem(err);
        if (c->fn(&out, c->user))
            return run_interrupted(err);
    }
    return DUNLIN_OK;
}

static int publish(void *user, struct dunlin_error *err)
{
    return new_folder_publish(&((struct convert *)user)->to, err);
}

/* Whether the history has changed may not be known; the old folder is there in any case. */
static void take_back(struct convert *c, const struct dunlin_error *err, struct dunlin_error *out)
{
    if (c->to.published && err->flags & DUNLIN_ERROR_OUTCOME_UNKNOWN) {
        error_state(out, "%s is written; whether the history tells of it is not known",
                    c->to.folder.path);
        error_hint(out, "dunlin status with the new folder tells: where nothing is applied, remove "
                        "it and convert again");
        return;
    }
    new_folder_withdraw(&c->to);
    error_state(out, "nothing was written");
}

static int one_folder(struct dunlin *d, const struct folder **out, struct dunlin_error *err)
{
    if (d->source.count == 1) {
        d->source.folders[0].kept = true;
        *out = &d->source.folders[0];
        return DUNLIN_OK;
    }
    error_set(err, DUNLIN_USAGE, DUNLIN_KIND_USAGE, "convert takes one folder at a time");
    error_hint(err,
               "give it with its label: -d LABEL=PATH; the new one is then given with the same");
    return DUNLIN_USAGE;
}

int dunlin_convert(struct dunlin *d, const char *dir, int dry, dunlin_conversion_fn fn, void *user,
                   struct dunlin_summary *summary, struct dunlin_error *err)
{
    struct dunlin_summary sum = DUNLIN_SUMMARY_INIT;
    struct dunlin_error local = DUNLIN_ERROR_INIT;
    struct convert c = {.d = d, .arena = ARENA_INIT, .dry = dry != 0, .fn = fn, .user = user};
    uint64_t start = run_micros();
    int rc;

    if (!err)
        err = &local;
    rc = one_folder(d, &c.from, err);
    if (!rc)
        rc = new_folder_init(&c.to, dir, c.from, &c.arena, err);
    if (!rc && d->run.conn) /* the session's settings decide how text is read */
        rc = run_session(&d->run, err);
    if (!rc)
        rc = names(&c, err);
    if (!rc)
        rc = write_all(&c, err);
    if (!rc && d->run.conn) {
        rc = run_convert(&d->run, c.list, c.dry, tell, publish, &c, &sum.before, err);
    } else if (!rc) {
        rc = tell(&c, err);
        if (!rc && !c.dry)
            rc = publish(&c, err);
    }
    if (rc)
        take_back(&c, err, err);
    sum.run = rc || !c.list ? 0 : c.from->count;
    sum.micros = run_micros() - start;
    new_folder_free(&c.to);
    arena_free(&c.arena);
    if (summary)
        *summary = sum;
    return rc;
}
