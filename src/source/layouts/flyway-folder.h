/* SPDX-License-Identifier: MIT */
/* The files of a Flyway folder, before it is decided what becomes of them. */
#ifndef DUNLIN_SOURCE_LAYOUTS_FLYWAY_FOLDER_H
#define DUNLIN_SOURCE_LAYOUTS_FLYWAY_FOLDER_H

#include "source/layouts/flyway.h"
#include "source/listing.h"

struct flyway_folder {
    struct listing listing;      /* V and R */
    struct listing undos, bases; /* U and B, each as a migration upwards */
    enum unnumbered unnumbered;
    struct flyway_project *project;
};

/* ---- flyway-folder.c ---- */

/* Takes in every file in the folder and below it, callbacks as hooks. */
int flyway_folder_read(struct flyway_folder *w, struct dunlin_error *err);

/* ---- flyway-conf.c ---- */

/* What the .conf beside the file says of it; *left_out = it must not run. */
int flyway_conf_read(const struct folder *f, struct source_file *file, struct flyway_file *extra,
                     bool *left_out, struct dunlin_error *err);
/* Refuses what would make other files migrations, or would run unseen. */
int flyway_check_settings(const struct flyway_folder *w, struct dunlin_error *err);
/* Notes where the project has its history. */
int flyway_note_table(struct flyway_folder *w, struct dunlin_error *err);

/* ---- flyway-callbacks.c ---- */

struct flyway_event;
/* The moment that the name is about, NULL = none; stem: its length without the extension. */
const struct flyway_event *flyway_event_of(const char *name, size_t stem);
int flyway_add_callback(struct flyway_folder *w, const char *way, const struct flyway_event *event,
                        struct dunlin_error *err);

#endif
