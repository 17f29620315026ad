/* SPDX-License-Identifier: MIT */
/* The version at compile time; dunlin_version() tells the one at run time. */
#ifndef DUNLIN_VERSION_H
#define DUNLIN_VERSION_H

#define DUNLIN_VERSION "0.1.0"
#define DUNLIN_VERSION_MAJOR 0
#define DUNLIN_VERSION_MINOR 1
#define DUNLIN_VERSION_PATCH 0

#endif
