#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# workload-seed.sh MEGABYTES insert|copy FILE: a table and so many megabytes of rows for it, as
# INSERTs of 1,000 rows or as COPY data. Prints the number of rows.
set -eu
# The rows go to the file; their number, on awk's standard error, to standard output.
# shellcheck disable=SC2069
awk -v bytes="${1}000000" -v kind="$2" 'BEGIN {
    print "-- migrate:up\n-- +goose Up\n-- +migrate Up"
    print "CREATE TABLE seed (id integer NOT NULL, name varchar(40), mail varchar(60),"
    print "    note varchar(200));"
    if (kind == "copy") print "COPY seed (id, name, mail, note) FROM stdin;"
    note = "note %d: it is plain text; nothing more"
    format = kind == "copy" ? "%d\tname %d\tuser%d@example.org\t" note "%s" :
        "(%d, '\''name %d'\'', '\''user%d@example.org'\'', '\''" note "'\'')%s"
    for (id = 1; written < bytes; id++) {
        last = kind == "insert" && id % 1000 == 0
        if (kind == "insert" && id % 1000 == 1) print "INSERT INTO seed (id, name, mail, note) VALUES"
        row = sprintf(format, id, id, (id * 7919) % 1000003, (id * 104729) % 999983,
            kind == "copy" ? "" : last ? ";" : ",")
        print row
        written += length(row) + 1
        # Only whole INSERTs.
        if (kind == "insert" && written >= bytes && !last) bytes = written + 1
    }
    if (kind == "copy") print "\\."
    print "-- migrate:down"
    print id - 1 >"/dev/stderr"
}' 2>&1 >"$3"
