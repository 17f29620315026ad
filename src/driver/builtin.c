/* SPDX-License-Identifier: MIT */
/*
 * The drivers that are linked in: for a static build, and for systems without dlopen. They are
 * the same sources as the modules, with an entry function of a name of their own.
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif
#include "driver/driver.h"

#include <stddef.h>

#ifdef BUILTIN_MYSQL
const struct dunlin_driver *dunlin_driver_entry_mysql(uint32_t host_abi_major);
#endif
#ifdef BUILTIN_POSTGRES
const struct dunlin_driver *dunlin_driver_entry_postgres(uint32_t host_abi_major);
#endif
#ifdef BUILTIN_SQLITE
const struct dunlin_driver *dunlin_driver_entry_sqlite(uint32_t host_abi_major);
#endif

/* Sorted by name. */
const dunlin_driver_entry_fn builtin_drivers[] = {
#ifdef BUILTIN_MYSQL
    dunlin_driver_entry_mysql,
#endif
#ifdef BUILTIN_POSTGRES
    dunlin_driver_entry_postgres,
#endif
#ifdef BUILTIN_SQLITE
    dunlin_driver_entry_sqlite,
#endif
    NULL,
};
