#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# workload-small.sh COUNT FOLDER: COUNT small migrations, each of a table, an index and a row, in
# FOLDER/plain, and FOLDER/client.sql with the same, a transaction each, for the engine's client;
# FOLDER/tracked.sql also looks for a row of each in a table, and adds it.
set -eu
mkdir -p "$2/plain"
echo 'CREATE TABLE schema_migrations (version varchar(128) NOT NULL PRIMARY KEY);' >"$2/tracked.sql"
awk -v count="$1" -v folder="$2" 'BEGIN {
    for (i = 1; i <= count; i++) {
        table = "t" i
        statements = "CREATE TABLE " table " (id integer NOT NULL PRIMARY KEY, name varchar(40));\n" \
            "CREATE INDEX " table "_name ON " table " (name);\n" \
            "INSERT INTO " table " VALUES (" i ", '\''x'\'');\n"
        file = sprintf("%s/plain/%05d_t%d.sql", folder, i, i)
        printf "-- migrate:up\n-- +goose Up\n-- +migrate Up\n%s-- migrate:down\n", statements >file
        close(file)
        printf "BEGIN;\n%sCOMMIT;\n", statements >(folder "/client.sql")
        version = sprintf("%05d", i)
        printf "SELECT count(*) FROM schema_migrations WHERE version = '\''%s'\'';\n" \
            "BEGIN;\n%sINSERT INTO schema_migrations (version) VALUES ('\''%s'\'');\nCOMMIT;\n",
            version, statements, version >>(folder "/tracked.sql")
    }
}'
