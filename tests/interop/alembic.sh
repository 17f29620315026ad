#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# alembic, whose migrations are Python, and dunlin, which takes its history over. alembic.sh ENGINE
tool=alembic engines="sqlite postgres mariadb" commands=alembic
. "$(dirname "$0")/common.sh"

python=$(sed -n '1s/^#! *//p' "$(command -v alembic)") # the one that alembic runs with
case $engine in
postgres) $python -c 'import psycopg2' 2>/dev/null || skip_all "alembic has no psycopg2" ;;
mariadb) $python -c 'import pymysql' 2>/dev/null || skip_all "alembic has no pymysql" ;;
esac

project() {
    fresh_db
    sources="$work/py$db_number"
    mkdir "$sources" "$sources/versions"
    case $engine in
    postgres) at="postgresql+psycopg2://$(url_part user)@$host:$port/$db" ;;
    mariadb) at="mysql+pymysql://$(url_part user)@$host:$port/$db" ;;
    sqlite) at="sqlite:///$work/$db.db" ;;
    esac
    printf '[alembic]\nscript_location = %s\nsqlalchemy.url = %s\n' "$sources" "$at" \
        >"$sources/alembic.ini"
    cat >"$sources/env.py" <<'PY'
from alembic import context
from sqlalchemy import create_engine, pool

url = context.config.get_main_option("sqlalchemy.url")
with create_engine(url, poolclass=pool.NullPool).connect() as connection:
    context.configure(connection=connection, target_metadata=None)
    with context.begin_transaction():
        context.run_migrations()
PY
}

# N [BEFORE...]: a revision behind these; the first has none before it.
add() {
    local n=$1 before='' other
    shift
    for other; do
        before="$before\"00000000000$other\", "
    done
    {
        printf '"""number %s"""\nfrom alembic import op\n\n' "$n"
        printf 'revision = "00000000000%s"\ndown_revision = %s\n' "$n" "${before:+(${before% })}"
        printf 'branch_labels = None\ndepends_on = None\n\n\ndef upgrade():\n'
        [ "$n" != 1 ] || printf '    op.execute("CREATE TABLE ran (tag integer NOT NULL)")\n'
        printf '    op.execute("INSERT INTO ran VALUES (%s)")\n' "$n"
        printf '\n\ndef downgrade():\n    op.execute("DELETE FROM ran WHERE tag = %s")\n' "$n"
    } | sed 's/^down_revision = $/down_revision = None/' >"$sources/versions/00000000000${n}_number_$n.py"
    # What somebody wrote after it.
    printf 'INSERT INTO ran VALUES (%s);\n' "$n" >"$dir/00${n}_number_$n.sql"
}

alembic() {
    run command alembic -c "$sources/alembic.ini" "$@"
}

adopt() {
    dunlin -u "$url" -d "$dir" adopt --from "alembic:$sources" "$@"
}

tool_up() { alembic upgrade heads; }
rows() { sql 'SELECT version_num FROM alembic_version ORDER BY version_num'; }

project
add 1
add 2 1
tool_does "the tool applies two"
adopt
exits 0 "$who: adopt"
like "$out" '2 recorded' "$who: .. records two"
up
like "$out" '^done: 0 applied, 2 already applied' "$who: .. and up has nothing to do"
all_ran 2

project
add 1
add 2 1
add 3 1
add 4 2 3
alembic upgrade 000000000002
exits 0 "$who: the tool applies one of two branches"
adopt
exits 0 "$who: adopt"
like "$out" '2 recorded' "$who: .. of what is before its head alone"
dunlin -u "$url" -d "$dir" status
like "$out" 'pending.*3|3.*pending' "$who: the other branch is pending"

project
add 1
add 2 1
add 3 1
tool_does "the tool applies two branches"
is "$(rows | wc -l)" 2 "$who: .. and has two heads"
add 4 2 3
tool_does "the tool merges them"
before=$(rows)
adopt --dry-run
exits 0 "$who: adopt --dry-run"
adopt
exits 0 "$who: adopt"
like "$out" '4 recorded' "$who: .. records four"
up
like "$out" '^done: 0 applied, 4 already applied' "$who: .. and up has nothing to do"
echo 'INSERT INTO ran VALUES (5);' >"$dir/005_after_all.sql"
up
like "$out" '^done: 1 applied, 4 already applied' "$who: dunlin goes on"
all_ran 5
is "$(rows)" "$before" "$who: .. and leaves the tool's table alone"
alembic current
like "$out" '000000000004 \(head\)' "$who: which says what it did before"
done_testing
