#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# workload-files.sh COUNT FOLDER: COUNT migrations of one row each (the first one makes the table),
# in FOLDER/plain; FOLDER/client.sql has the same, a transaction each, for the engine's client.
set -eu
mkdir -p "$2/plain"
awk -v count="$1" -v folder="$2" 'BEGIN {
    for (i = 1; i <= count; i++) {
        statements = i > 1 ? "" : "CREATE TABLE n (id integer NOT NULL PRIMARY KEY);\n"
        statements = statements sprintf("INSERT INTO n VALUES (%d);\n", i)
        file = sprintf("%s/plain/%06d_n.sql", folder, i)
        printf "-- migrate:up\n-- +goose Up\n-- +migrate Up\n%s-- migrate:down\n", statements >file
        close(file)
        printf "BEGIN;\n%sCOMMIT;\n", statements >(folder "/client.sql")
    }
}'
