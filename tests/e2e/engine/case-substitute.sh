# SPDX-License-Identifier: MIT
# Placeholders on a real engine: every form, where the values come from, and what is refused.
fresh_db
file 1_items.sql <<'S'
-- migrate:up substitute:on
CREATE TABLE ${ident:table} (id integer NOT NULL PRIMARY KEY, what varchar(${width}));
INSERT INTO ${ident:table} VALUES (1, ${lit:what}); -- ${nothing}
INSERT INTO ${ident:table} VALUES (2, 'width ${width}, not $${width}');
-- migrate:verify substitute:on
SELECT count(*) = 2 FROM ${ident:table};
-- migrate:down substitute:on
DROP TABLE ${ident:table};
S
file 2_plain.sql <<'S'
INSERT INTO items VALUES (3, '${width}');
S
up --set width=60 --set table=items
exits 65 "substitute: an undefined placeholder is an error"
like "$err" '1_items.sql:3:39' "substitute: with its place"
like "$err" 'the placeholder what is not defined' "substitute: and its name"
up --set width=60 --set table=items --set "what=it's \\ ; ü"
exits 0 "substitute: up"
# The client of MariaDB doubles backslashes.
is "$(sql 'SELECT what FROM items WHERE id = 1' | sed 's/\\\\/\\/')" "it's \\ ; ü" "substitute: a literal, whatever is in it"
is "$(sql 'SELECT what FROM items WHERE id = 2')" 'width 60, not ${width}' \
    "substitute: plain inside a string, and escaped"
is "$(sql 'SELECT what FROM items WHERE id = 3')" '${width}' "substitute: only where it is asked for"
up --set width=61 --set table=other --set what=x
exits 0 "substitute: other values do not make an edited file"
like "$out" '^done: 0 applied, 2 already' "substitute: the checksum is over the text of the file"

file 3_bad.sql <<'S'
-- migrate:up substitute:on
INSERT INTO items VALUES (4, 'x');
INSERT INTO items VALUES (5, '${v}');
S
up --set "v=x'); DELETE FROM items; --"
exits 65 "substitute: plain text that could end a string is refused"
like "$err" '3_bad.sql:3:31' "substitute: at the placeholder"
unlike "$err" DELETE "substitute: without showing the value"
is "$(sql 'SELECT count(*) FROM items')" 3 "substitute: before anything runs"
file 3_bad.sql <<'S'
-- migrate:up substitute:on
INSERT INTO items VALUES (5, '${lit:v}');
S
up --set v=1
exits 65 "substitute: a typed form inside a string is refused"
file 3_bad.sql <<'S'
-- migrate:up substitute:on
INSERT INTO items VALUES (5, 'x');
SELECT ${lit:v}
  FROM nowhere;
S
up --set v=1
exits 2 "substitute: an error behind a placeholder"
like "$err" '3_bad.sql:[34]' "substitute: has a line of the file"
printf -- '-- migrate:up substitute:on\rSELECT ${lit:v},\r1,\rnope;\r' >"$dir/3_bad.sql"
up --set v=1
exits 2 "substitute: an error behind a placeholder, where a CR ends a line"
if [ "$engine" != mariadb ]; then # which does not say where
    like "$err" '3_bad.sql:4:1' "substitute: has its line, too"
    like "$err" '^ +4 \| nope;' "substitute: which is shown"
fi
rm "$dir/3_bad.sql"

# Flags before the environment, and that before the config file; by name.
file 4_where.sql <<'S'
-- migrate:up substitute:on
INSERT INTO items VALUES (10, ${lit:a}), (11, ${lit:b}), (12, ${lit:c});
S
printf 'set = a=conf\nset = b=conf\nset = c=conf:1\n' >"$work/set.conf"
DUNLIN_SET=$'a=env\nb=env:2' dunlin -c "$work/set.conf" -u "$url" -d "$dir" up --set a=flag
exits 0 "substitute: values from every source"
is "$(sql 'SELECT what FROM items WHERE id >= 10 ORDER BY id')" "$(printf 'flag\nenv:2\nconf:1')" \
    "substitute: the strongest one decides by name"
up --set 1=2
exits 78 "substitute: a name that is none"
up --set novalue
exits 64 "substitute: a value that is missing"
