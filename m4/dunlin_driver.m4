# SPDX-License-Identifier: MIT
# Which drivers are built, against which client library, and whether as modules or linked in.

# DUNLIN_BUILTIN_DRIVERS(NAMES)
# --with-builtin-drivers=LIST sets dunlin_builtin to the wanted names, with spaces around each.
AC_DEFUN([DUNLIN_BUILTIN_DRIVERS], [
    AC_ARG_WITH([builtin-drivers],
        [AS_HELP_STRING([--with-builtin-drivers=LIST],
            [link these drivers into the library instead of building modules:
             comma list of $1, or "all" @<:@none@:>@])],
        [], [with_builtin_drivers=no])
    AS_CASE([$with_builtin_drivers],
        [no|none|''], [dunlin_builtin=' '],
        [yes|all], [dunlin_builtin=' $1 '],
        [dunlin_builtin=" `AS_ECHO(["$with_builtin_drivers"]) | tr , ' '` "])
    for dunlin_name in $dunlin_builtin; do
        AS_CASE([' $1 '], [*" $dunlin_name "*], [],
            [AC_MSG_ERROR([--with-builtin-drivers: no driver named "$dunlin_name", only: $1])])
    done
])

# DUNLIN_DRIVER(NAME, PREFIX, DATABASES, MODULE:VERSION...)
# --with-NAME=auto|yes|no|MODULE. Takes the first pkg-config module that is there, new enough.
# Sets driver_NAME to module, builtin or no, driver_NAME_summary, PREFIX_CFLAGS and PREFIX_LIBS,
# the conditionals MODULE_PREFIX and BUILTIN_PREFIX, and BUILTIN_PREFIX in config.h.
AC_DEFUN([DUNLIN_DRIVER], [
    AC_ARG_WITH([$1],
        [AS_HELP_STRING([--with-$1=auto|yes|no|MODULE],
            [driver for $3; pkg-config modules: $4 @<:@auto@:>@])],
        [], [with_$1=auto])
    driver_$1=module
    AS_CASE([$dunlin_builtin], [*' $1 '*], [driver_$1=builtin])
    AS_IF([test "$driver_$1 $with_$1" = 'builtin auto'], [with_$1=yes])
    dunlin_found=
    dunlin_tried=
    dunlin_known=
    AS_IF([test "$with_$1" != no], [
        for dunlin_module in $4; do
            dunlin_name=${dunlin_module%:*}
            dunlin_version=${dunlin_module#*:}
            dunlin_known="$dunlin_known $dunlin_name"
            AS_CASE([$with_$1], [auto|yes|$dunlin_name], [], [continue])
            dunlin_tried="$dunlin_tried${dunlin_tried:+, }$dunlin_name >= $dunlin_version"
            AS_IF([test -z "$dunlin_found"],
                [PKG_CHECK_EXISTS([$dunlin_name >= $dunlin_version],
                    [dunlin_found="$dunlin_name >= $dunlin_version"])])
        done
        AS_IF([test -z "$dunlin_tried"],
            [AC_MSG_ERROR([--with-$1=$with_$1: not yes, no, auto or one of:$dunlin_known.
A library in a place of its own is found through PKG_CONFIG_PATH.])])
        # The variables say where it is, also without pkg-config.
        AS_IF([test -z "$dunlin_found" && test -n "$$2_LIBS"], [dunlin_found="$dunlin_tried"])
    ])
    AS_IF([test "$with_$1" = no], [
        driver_$1=no
        driver_$1_summary='no (switched off)'
    ], [test -z "$dunlin_found"], [
        AS_IF([test "$with_$1" != auto],
            [AC_MSG_ERROR([the $1 driver was asked for and needs $dunlin_tried.
If it is installed, its .pc file is missing or elsewhere: set PKG_CONFIG_PATH.])])
        driver_$1=no
        driver_$1_summary="no ($dunlin_tried not found)"
    ], [test "$driver_$1 $enable_shared" = 'module no'], [
        AS_IF([test "$with_$1" != auto],
            [AC_MSG_ERROR([the $1 driver is a module, which --disable-shared forbids: use --with-builtin-drivers=$1])])
        driver_$1=no
        driver_$1_summary='no (modules need shared libraries; see --with-builtin-drivers)'
    ], [
        PKG_CHECK_MODULES([$2], [$dunlin_found])
        dunlin_name=${dunlin_found%% *}
        dunlin_version=`$PKG_CONFIG --modversion "$dunlin_name" 2>/dev/null`
        driver_$1_summary="$driver_$1 ($dunlin_name $dunlin_version)"
    ])
    AM_CONDITIONAL([MODULE_$2], [test "$driver_$1" = module])
    AM_CONDITIONAL([BUILTIN_$2], [test "$driver_$1" = builtin])
    AS_IF([test "$driver_$1" = builtin],
        [builtin_libs="$builtin_libs $$2_LIBS"
        AC_DEFINE([BUILTIN_$2], [1], [Define to 1 if the $1 driver is part of the library.])])
    AS_IF([test "$driver_$1" != no], [dunlin_drivers="${dunlin_drivers:+$dunlin_drivers }$1"])
    AC_SUBST([DUNLIN_DRIVERS], [$dunlin_drivers])
])
