/* SPDX-License-Identifier: MIT */
/*
 * Where a command's results go: text, JSON, or a progress line. A sink is a table of functions with
 * its own data; a member that is NULL is not interested. Sinks print; they decide nothing.
 */
#ifndef DUNLIN_CLI_SINK_H
#define DUNLIN_CLI_SINK_H

#include <stdbool.h>
#include <stdio.h>
#include <dunlin/dunlin.h>

/* What is being reported: it decides the words around the same facts. */
enum report {
    REPORT_UP = 0,
    REPORT_DOWN,
    REPORT_STATUS,
    REPORT_PLAN,
    REPORT_REHEARSE, /* plan --execute */
    REPORT_DRIVERS,
    REPORT_STEER,  /* to, redo, resume */
    REPORT_RECORD, /* mark, baseline */
    REPORT_CHECK,
    REPORT_VERIFY,
    REPORT_RENUMBER,
    REPORT_ADOPT,
    REPORT_CONVERT,
    REPORT_OTHER
};

struct sink_options {
    enum report report;
    FILE *out, *err;       /* results; diagnostics */
    bool color, color_err; /* for each of them */
    bool labels;           /* several sources: tell which */
    bool quiet;
    bool dry; /* nothing was changed */
    bool log; /* text: time and level before each line */
    unsigned verbose;
    int *write_error; /* errno of the first result that was not written */
    bool events;      /* JSON: a line per event instead of one document */
};

struct sink {
    void (*event)(struct sink *sink, const struct dunlin_event *event);
    /* Returns 0, or -1 when out of memory. */
    int (*item)(struct sink *sink, const struct dunlin_item *item);
    int (*driver)(struct sink *sink, const struct dunlin_driver_info *info);
    /* These return 0, or -1 when out of memory. */
    int (*finding)(struct sink *sink, const struct dunlin_finding *finding);
    int (*rename)(struct sink *sink, const char *from, const char *to);
    int (*conversion)(struct sink *sink, const struct dunlin_conversion *conversion);
    /* A single fact: ("path", "migrations/0004_x.sql"). */
    void (*fact)(struct sink *sink, const char *name, const char *value);
    /* The command is done; prints what was collected. */
    void (*done)(struct sink *sink, const struct dunlin_summary *summary);
    void (*error)(struct sink *sink, const struct dunlin_error *error);
    void (*free)(struct sink *sink);
};

/* Each returns NULL when out of memory. */
struct sink *sink_text_new(const struct sink_options *options);
struct sink *sink_json_new(const struct sink_options *options);
/* A line on a terminal that tells how far a large file is; it wipes itself before other sinks
 * print, so it must be called before them. */
struct sink *sink_progress_new(const struct sink_options *options);

/* For sinks: writes all of it at once. Results that cannot be written are remembered. */
void sink_write(const struct sink_options *options, FILE *to, const char *data, size_t len);
/* For sinks: writes text in place of what there was no memory for, and remembers that. */
void sink_lost(const struct sink_options *options, FILE *to, const char *text);

/* Any of these may be called on NULL. */
void sink_event(struct sink *sink, const struct dunlin_event *event);
int sink_item(struct sink *sink, const struct dunlin_item *item);
int sink_driver(struct sink *sink, const struct dunlin_driver_info *info);
int sink_finding(struct sink *sink, const struct dunlin_finding *finding);
int sink_rename(struct sink *sink, const char *from, const char *to);
int sink_conversion(struct sink *sink, const struct dunlin_conversion *conversion);
void sink_fact(struct sink *sink, const char *name, const char *value);
void sink_done(struct sink *sink, const struct dunlin_summary *summary);
void sink_error(struct sink *sink, const struct dunlin_error *error);
void sink_free(struct sink *sink);

#endif
