# SPDX-License-Identifier: MIT
# Flags that this compiler and linker know, in variables of ours.

# DUNLIN_COMPILE_FLAGS(FLAGS, VARIABLE)
# Appends each flag that the compiler takes without a warning. clang only warns of unknown flags.
AC_DEFUN([DUNLIN_COMPILE_FLAGS], [
    for dunlin_flag in m4_normalize([$1]); do
        AC_MSG_CHECKING([whether $CC takes $dunlin_flag])
        dunlin_save_CFLAGS=$CFLAGS
        CFLAGS="$CFLAGS -Werror $dunlin_flag"
        AC_COMPILE_IFELSE([AC_LANG_SOURCE([[int dunlin_conftest;]])],
            [AC_MSG_RESULT([yes]); $2="$$2 $dunlin_flag"], [AC_MSG_RESULT([no])])
        CFLAGS=$dunlin_save_CFLAGS
    done
    AC_SUBST([$2])
])

# DUNLIN_LINK_FLAGS(FLAGS, VARIABLE)
AC_DEFUN([DUNLIN_LINK_FLAGS], [
    for dunlin_flag in m4_normalize([$1]); do
        AC_MSG_CHECKING([whether the linker takes $dunlin_flag])
        dunlin_save_LDFLAGS=$LDFLAGS
        LDFLAGS="$LDFLAGS $dunlin_flag"
        AC_LINK_IFELSE([AC_LANG_PROGRAM],
            [AC_MSG_RESULT([yes]); $2="$$2 $dunlin_flag"], [AC_MSG_RESULT([no])])
        LDFLAGS=$dunlin_save_LDFLAGS
    done
    AC_SUBST([$2])
])

AC_DEFUN([DUNLIN_WARNINGS], [
    AC_ARG_ENABLE([werror],
        [AS_HELP_STRING([--enable-werror], [treat warnings as errors (for developers) @<:@no@:>@])],
        [], [enable_werror=no])
    DUNLIN_COMPILE_FLAGS([-Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes
        -Wformat=2 -Wvla -Wundef -Wcast-qual -Wwrite-strings -Wimplicit-fallthrough
        -Wnull-dereference -Wconversion -Wno-sign-conversion], [WARN_CFLAGS])
    AS_IF([test "$enable_werror" = yes], [WARN_CFLAGS="$WARN_CFLAGS -Werror"])
])

# Distributions have hardening flags of their own: ours give way to a _FORTIFY_SOURCE of theirs,
# and --disable-hardening switches all of it off.
AC_DEFUN([DUNLIN_HARDENING], [
    AC_ARG_ENABLE([hardening],
        [AS_HELP_STRING([--disable-hardening],
            [leave out stack protection, _FORTIFY_SOURCE, full RELRO and PIE])],
        [], [enable_hardening=yes])
    AS_IF([test "$enable_hardening" = yes], [
        DUNLIN_COMPILE_FLAGS([-fstack-protector-strong -fstack-clash-protection -fcf-protection],
            [HARDENING_CFLAGS])
        DUNLIN_LINK_FLAGS([-Wl,-z,relro -Wl,-z,now], [HARDENING_LDFLAGS])
        DUNLIN_COMPILE_FLAGS([-fPIE], [PIE_CFLAGS])
        AS_IF([test -n "$PIE_CFLAGS"], [DUNLIN_LINK_FLAGS([-pie], [PIE_LDFLAGS])])
        AS_IF([test -z "$PIE_LDFLAGS"], [PIE_CFLAGS=])
        # What a static library is made of ends up in the command.
        AS_IF([test "$enable_static" = yes], [HARDENING_CFLAGS="$HARDENING_CFLAGS $PIE_CFLAGS"])
        AC_MSG_CHECKING([whether to define _FORTIFY_SOURCE])
        # It needs optimisation, and hides from the sanitizers what they would find.
        AC_COMPILE_IFELSE([AC_LANG_SOURCE([[
#if defined(_FORTIFY_SOURCE) || !defined(__OPTIMIZE__)
#error leave it alone
#endif
int dunlin_conftest;]])],
            [AS_IF([test "$with_sanitizer" = no],
                [HARDENING_CPPFLAGS=-D_FORTIFY_SOURCE=3; AC_MSG_RESULT([yes])],
                [AC_MSG_RESULT([no, because of the sanitizer])])],
            [AC_MSG_RESULT([no])])
    ])
    AC_SUBST([HARDENING_CPPFLAGS])
    AC_SUBST([HARDENING_CFLAGS])
    AC_SUBST([HARDENING_LDFLAGS])
    AC_SUBST([PIE_CFLAGS])
    AC_SUBST([PIE_LDFLAGS])
])
