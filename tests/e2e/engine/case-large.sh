# SPDX-License-Identifier: MIT
# Files of 64 MB, plain and compressed: everything arrives, in at most 24 MiB of memory.
fresh_db
large_rows=${large_rows:-640000} # of about 100 bytes
large_most=$((24 * 1024))        # KiB

large() { # insert|copy: a migration that fills the table of that name, on standard output
    awk -v how="$1" -v rows="$large_rows" '
    function text(i, quote) { return "row " i ", it" quote "s one of many; -- every one of " rows * 7 " alike" }
    BEGIN {
        print "CREATE TABLE " how "_t (id integer NOT NULL PRIMARY KEY, name varchar(40), amount numeric(12,2), note text);"
        if (how == "copy") {
            print "COPY copy_t (id, name, amount, note) FROM stdin;"
            for (i = 1; i <= rows; i++)
                printf "%d\tname %d\t%d.25\tback\\\\slash, %s\n", i, i, i % 1000, text(i, "'\''")
            print "\\."
        } else {
            for (i = 1; i <= rows; i++)
                printf "%s(%d, '\''name %d'\'', %d.25, '\''back/slash, %s'\'')%s", (i % 1000 == 1 ? "INSERT INTO " how "_t (id, name, amount, note) VALUES\n" : ""), i, i, i % 1000, text(i, "'\'''\''"), (i % 1000 == 0 || i == rows ? ";\n" : ",\n")
        }
    }'
}

large_up() { # insert|copy NAME SLASH: applies the one file that is there, and looks what came of it
    run "$abs_top_builddir/tests/support/peak" "$work/peak" "$DUNLIN" -u "$url" -d "$dir" up
    exits 0 "large: $2"
    is "$(sql "SELECT count(*), min(id), max(id), sum(id) FROM $1_t")" \
        "$large_rows|1|$large_rows|$((large_rows * (large_rows + 1) / 2))" "large: $2: every row"
    is "$(sql "SELECT note FROM $1_t WHERE id = $large_rows")" \
        "back${3}slash, row $large_rows, it's one of many; -- every one of $((large_rows * 7)) alike" \
        "large: $2: the last one whole"
    peak=$(cat "$work/peak")
    is "$(sql 'SELECT checksum FROM dunlin_migrations')" \
        "v1:sha256:$(gzip -dcf "$dir"/* | sha256sum | cut -d ' ' -f 1)" "large: $2: with its checksum"
    dunlin -u "$url" -d "$dir" up
    exits 0 "large: $2: which it still has"
    ok "large: $2: $peak KiB of memory at most" test "$peak" -le "$large_most"
    sql "DROP TABLE $1_t"
    sql "DELETE FROM dunlin_migrations"
    rm "$dir"/*
}

dunlin version # where a wrapper of libtool has to link first, it does so now
large_kinds=insert
[ "$engine" != postgres ] || large_kinds="insert copy"
for kind in $large_kinds; do
    large "$kind" | file 1_large.sql
    ok "large: $kind: it is large" test "$(wc -c <"$dir/1_large.sql")" -ge $((large_rows * 90))
    gzip -1 <"$dir/1_large.sql" >"$work/large.gz"
    [ "$kind" = copy ] && slash=\\ || slash=/
    large_up "$kind" "$kind" "$slash"
    mv "$work/large.gz" "$dir/1_large.sql.gz"
    large_up "$kind" "$kind, compressed" "$slash"
done
