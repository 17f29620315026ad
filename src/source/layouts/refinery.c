/* SPDX-License-Identifier: MIT */
/*
 * refinery: V1__name.sql in the order of the numbers, and U1__name.sql, which may come late.
 * Folders in the folder count. The checksum takes in name and number, which has four bytes, or
 * eight where refinery was built for larger numbers: that shows in a number which needs them.
 */
#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "source/hash.h"
#include "source/layouts/flyway.h"
#include "source/layouts/layouts.h"
#include "source/listing.h"

static const char *refinery_recognise(struct glance *g)
{
    const char *why = NULL;
    enum versioned_names whose = versioned_names(g, &why);

    return whose == NAMES_REFINERY || whose == NAMES_EITHER ? why : NULL;
}

/* ---- files ----------------------------------------------------------------------------------- */

struct walk {
    struct listing listing;
    enum unnumbered unnumbered;
};

/* Letters, digits and "_", of any language. */
static bool is_word(const char *text, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        if (!isalnum((unsigned char)text[i]) && text[i] != '_' && !((unsigned char)text[i] & 0x80))
            return false;
    }
    return len > 0;
}

static int name_refuse(const struct walk *w, const char *way, const char *why,
                       struct dunlin_error *err)
{
    if (w->unnumbered == UNNUMBERED_IGNORE)
        return DUNLIN_OK;
    error_set(err, DUNLIN_BAD_FILE, DUNLIN_KIND_FILE, "%s/%s %s", w->listing.folder->path, way,
              why);
    error_hint(err, "refinery runs V1__name.sql and U1__name.sql; --unnumbered ignore passes over "
                    "other files");
    return source_refused(w->listing.folder, DUNLIN_BAD_FILE, false, err);
}

static int add_migration(struct walk *w, const char *way, const char *base, size_t digits,
                         size_t stem, bool program, struct dunlin_error *err)
{
    struct listing *l = &w->listing;
    struct migration *m;
    int rc;

    errno = 0;
    if (strtoll(base + 1, NULL, 10) < 0 || errno)
        return name_refuse(w, way, "has a number that is too large", err);
    m = listing_add(l, base + 1, digits);
    if (!m)
        return error_nomem(err);
    m->key = digits_trim(m->version);
    m->name = listing_text(l, base + digits + 3, stem - digits - 3, 0, 0);
    m->kind = *base == 'U' ? MIGRATION_UNNUMBERED : MIGRATION_VERSIONED; /* late is no matter */
    rc = m->name ? listing_file(l, way, PART_UP, &m->up, err) : error_nomem(err);
    m->up.program = program;
    return rc;
}

static int take_file(const char *way, const char *base, void *user, struct dunlin_error *err)
{
    struct walk *w = user;
    enum foreign_code code = w->listing.folder->foreign_code;
    size_t digits, stem;
    bool sql = name_ends(base, ".sql", &stem);

    if ((!sql && !name_ends(base, ".rs", &stem)) || (*base != 'V' && *base != 'U'))
        return DUNLIN_OK;
    digits = leading_digits(base + 1);
    if (digits == 0)
        return DUNLIN_OK;
    if (strncmp(base + 1 + digits, "__", 2) != 0 || stem < digits + 3 ||
        !is_word(base + digits + 3, stem - digits - 3))
        return sql ? name_refuse(w, way, "has no name that refinery takes", err) : DUNLIN_OK;
    if (sql || code == FOREIGN_CODE_EXEC)
        return add_migration(w, way, base, digits, stem, !sql, err);
    if (code == FOREIGN_CODE_REFUSE)
        buf_addf(&w->listing.foreign, "%s%s", w->listing.nforeign++ ? ", " : "", way);
    return DUNLIN_OK;
}

static int check_two(const struct listing *l, struct dunlin_error *err)
{
    int rc = DUNLIN_OK;

    for (size_t i = 1; !rc && i < l->count; i++) {
        if (strcmp(l->list[i - 1].key, l->list[i].key) != 0)
            continue;
        error_set(err, DUNLIN_BAD_FILE, DUNLIN_KIND_FILE, "%s and %s have the same number",
                  l->list[i - 1].up.path, l->list[i].up.path);
        error_hint(err, "renumber the newer one, or delete one of them");
        rc = source_refused(l->folder, DUNLIN_BAD_FILE, true, err);
    }
    return rc;
}

static const char wide[] = "eight bytes"; /* what a migration's extra is, where it has them */

static int refinery_list(struct folder *f, enum unnumbered unnumbered, struct arena *arena,
                         struct dunlin_error *err)
{
    struct walk w = {.listing = LISTING_INIT(f, arena), .unnumbered = unnumbered};
    struct listing *l = &w.listing;
    int rc = listing_walk(f, take_file, &w, err);

    if (!rc && l->count > 1)
        qsort(l->list, l->count, sizeof(*l->list), by_number);
    if (!rc)
        rc = check_two(l, err);
    if (!rc && l->count && strtoll(l->list[l->count - 1].key, NULL, 10) > INT32_MAX) {
        for (size_t i = 0; i < l->count; i++)
            l->list[i].extra = wide;
    }
    return listing_done(l, NULL, rc, err);
}

/* ---- checksums ------------------------------------------------------------------------------- */

/* SipHash with one round for each word, three at the end, and a key of zeros. */
struct sip {
    uint64_t v[4];
    uint64_t word; /* what is not a whole one yet */
    uint64_t len;
};

static uint64_t turn(uint64_t x, unsigned by)
{
    return x << by | x >> (64 - by);
}

static void sip_round(uint64_t v[4])
{
    v[0] += v[1];
    v[2] += v[3];
    v[1] = turn(v[1], 13) ^ v[0];
    v[3] = turn(v[3], 16) ^ v[2];
    v[0] = turn(v[0], 32);
    v[2] += v[1];
    v[0] += v[3];
    v[1] = turn(v[1], 17) ^ v[2];
    v[3] = turn(v[3], 21) ^ v[0];
    v[2] = turn(v[2], 32);
}

static void sip_word(struct sip *s)
{
    s->v[3] ^= s->word;
    sip_round(s->v);
    s->v[0] ^= s->word;
    s->word = 0;
}

static void sip_add(void *user, const char *data, size_t len)
{
    struct sip *s = user;

    for (size_t i = 0; i < len; i++) {
        s->word |= (uint64_t)(unsigned char)data[i] << 8 * (s->len % 8);
        if (++s->len % 8 == 0)
            sip_word(s);
    }
}

static uint64_t sip_end(struct sip *s)
{
    s->word |= s->len << 56;
    sip_word(s);
    s->v[2] ^= 0xff;
    for (int i = 0; i < 3; i++)
        sip_round(s->v);
    return s->v[0] ^ s->v[1] ^ s->v[2] ^ s->v[3];
}

static int sum(const struct migration *m, size_t bytes, char out[FOREIGN_SUM_SIZE],
               struct dunlin_error *err)
{
    struct sip s = {.v = {UINT64_C(0x736f6d6570736575), UINT64_C(0x646f72616e646f6d),
                          UINT64_C(0x6c7967656e657261), UINT64_C(0x7465646279746573)}};
    long long number = strtoll(m->key, NULL, 10);
    char version[8];
    int rc;

    for (size_t i = 0; i < sizeof(version); i++)
        version[i] = (char)(number >> 8 * i & 0xff);
    sip_add(&s, m->name, strlen(m->name));
    sip_add(&s, "\xff", 1);
    sip_add(&s, version, bytes);
    rc = file_bytes(&m->up, sip_add, &s, err);
    sip_add(&s, "\xff", 1);
    snprintf(out, FOREIGN_SUM_SIZE, "%" PRIu64, sip_end(&s));
    return rc;
}

static int refinery_checksum(const struct migration *m, char out[FOREIGN_SUM_SIZE],
                             struct dunlin_error *err)
{
    return m->up.program ? DUNLIN_OK : sum(m, m->extra ? 8 : 4, out, err);
}

/* A build for larger numbers hashes the small ones otherwise, too. */
static int refinery_accepts(const struct migration *m, const char *stored, bool *same,
                            struct dunlin_error *err)
{
    char other[FOREIGN_SUM_SIZE] = "";
    int rc = m->up.program ? DUNLIN_OK : sum(m, m->extra ? 4 : 8, other, err);

    *same = !rc && strcmp(other, stored) == 0;
    return rc;
}

const struct layout refinery_layout = {.name = "refinery",
                                       .tool = "refinery",
                                       .listed = true,
                                       .recognise = refinery_recognise,
                                       .list = refinery_list,
                                       .checksum = refinery_checksum,
                                       .accepts = refinery_accepts};
