/* SPDX-License-Identifier: MIT */
/* The text of a migration of any layout as a file of dunlin's own: the same statements, under
 * dunlin's marks. */
#ifndef DUNLIN_PLAN_CONVERT_H
#define DUNLIN_PLAN_CONVERT_H

#include "plan/plan.h"
#include "source/convert.h"

/* What a text says: by this two of them are compared. */
struct text_sum {
    struct {
        bool present;
        uint64_t statements;
        char digest[SHA256_HEX_SIZE]; /* over the statements and the rows of COPY */
        char mark[512];               /* the section's, with all options */
    } sections[SECTION_COUNT];
};

/* Takes the next bytes of a text; returns a dunlin_status. */
typedef int (*text_write_fn)(void *user, const char *data, size_t len, struct dunlin_error *err);

/* Gives the text of a migration, or of a hook (down NULL), to write. sum gets what it has to say,
 * was the checksum of the file as it is. Files of any size; memory as for a run. */
int plan_convert(const struct source_file *up, const struct source_file *down,
                 const struct script_dialect *dialect, text_write_fn write, void *user,
                 struct text_sum *sum, char was[CHECKSUM_SIZE], struct dunlin_error *err);
/* Reads what was written as a run will. Refuses it where it does not say the same; from is the file
 * that it was made of. is gets its checksum. */
int plan_convert_check(const struct source_file *file, const struct source_file *from,
                       const struct script_dialect *dialect, const struct text_sum *sum,
                       char is[CHECKSUM_SIZE], struct dunlin_error *err);

/* One migration as it was, and as it is to be. */
struct conversion {
    const struct migration *migration;
    struct native_as as;
    char was[CHECKSUM_SIZE], is[CHECKSUM_SIZE]; /* of the files */
    enum dunlin_state state;                    /* 0 = not known: there is no database */
    bool recorded;                              /* the history has a row of it */
};

#endif
