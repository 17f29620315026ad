# SPDX-License-Identifier: MIT
# SQLite's table rebuild with foreign keys on: DROP TABLE deletes the rows of the children, unless
# the keys are off from before BEGIN.
if [ "$engine" = sqlite ]; then
    fresh_db
    mkdir "$dir/hooks"
    printf 'PRAGMA foreign_keys = on;\n' >"$dir/hooks/connect.sql"
    file 1_tables.sql <<'S'
CREATE TABLE parent (id integer PRIMARY KEY, name text);
CREATE TABLE child (id integer PRIMARY KEY, parent_id integer REFERENCES parent (id) ON DELETE CASCADE);
INSERT INTO parent VALUES (1, 'p');
INSERT INTO child VALUES (1, 1), (2, 1);
S
    rebuild='CREATE TABLE new_parent (id integer PRIMARY KEY, name text NOT NULL);
INSERT INTO new_parent SELECT id, name FROM parent;
DROP TABLE parent;
ALTER TABLE new_parent RENAME TO parent;'
    printf -- '-- migrate:up foreign-keys:off\n%s\n' "$rebuild" >"$dir/2_rebuild.sql"
    up
    exits 0 "rebuild: foreign-keys:off"
    is "$(sql 'SELECT count(*) FROM child')" 2 "rebuild: the children are still there"
    printf 'PRAGMA foreign_keys=OFF;\nBEGIN;\n%s\nCOMMIT;\nPRAGMA foreign_keys=ON;\n' "$rebuild" \
        >"$dir/3_by_hand.sql"
    up
    exits 0 "rebuild: as people write it by hand"
    is "$(sql 'SELECT count(*) FROM child')" 2 "rebuild: the children are still there"
    printf 'INSERT INTO child VALUES (3, 99);\n' >"$dir/4_orphan.sql"
    up
    exits 2 "rebuild: the keys are on again afterwards"
    printf -- '-- migrate:up foreign-keys:off\nINSERT INTO child VALUES (3, 99);\n' \
        >"$dir/4_orphan.sql"
    up
    exits 2 "rebuild: what the keys would have refused is found before COMMIT"
    like "$err" 'rows of table child break a foreign key' "rebuild: and named"
    is "$(sql 'SELECT count(*) FROM child')" 2 "rebuild: and undone"

    # Without connect hook, and in one session, nobody else would switch them on again.
    rm "$dir/hooks/connect.sql"
    printf -- '-- migrate:up foreign-keys:off\n%s\n' "$rebuild" >"$dir/4_orphan.sql"
    printf 'INSERT INTO child VALUES (3, 99);\n' >"$dir/5_orphan.sql"
    dunlin -u "$url?foreign_keys=on" -d "$dir" up
    exits 2 "rebuild: the keys are on again for the migration behind it"
    like "$err" '5_orphan.sql:1' "rebuild: which they refuse"
    is "$(sql 'SELECT count(*) FROM child')" 2 "rebuild: so that nothing of it is there"
fi
