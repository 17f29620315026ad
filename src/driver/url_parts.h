/* SPDX-License-Identifier: MIT */
/* The raw, still encoded components of a URL: what parsing decodes and redacting prints. */
#ifndef DUNLIN_DRIVER_URL_PARTS_H
#define DUNLIN_DRIVER_URL_PARTS_H

#include <stdbool.h>
#include <stddef.h>
#include <dunlin/error.h>

struct span {
    const char *at; /* into the text; NULL = the component is absent */
    size_t len;
};

#define URL_SCHEME_SIZE 32u

struct url_parts {
    char scheme[URL_SCHEME_SIZE]; /* in lower case */
    bool is_path;                 /* scheme:path, no authority: path is the whole database */
    struct span user, password;
    struct span hosts; /* without user and password, with ports */
    struct span path;  /* is_path: all of it, else what follows the authority's "/" */
    struct span query; /* without "?" */
};

/* Cuts the text, and refuses what could be cut in two ways. Nothing is decoded. */
int url_split(const char *text, struct url_parts *out, struct dunlin_error *err);
/* sqlite and sqlite3: the URL is a path and holds no credentials. */
bool url_scheme_is_file(const char *scheme);
/* A CONFIG error about the named component, with the hint that says what to percent-encode. */
int url_refuse(struct dunlin_error *err, const char *problem, const char *component);
#if defined(__clang_analyzer__) || defined(DUNLIN_ANALYZER) /* as in base/error.h */
#define url_refuse(...) (url_refuse(__VA_ARGS__), (int)DUNLIN_CONFIG)
#endif

#endif
