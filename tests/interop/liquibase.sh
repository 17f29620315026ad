#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Liquibase, with a changelog of formatted SQL, and dunlin. liquibase.sh ENGINE
tool=liquibase engines="sqlite postgres mariadb" modules=liquibase
slf4j=/usr/share/java/slf4j-api.jar # its driver for SQLite needs that, and npm does not bring it
if ! command -v java >/dev/null || [ "$1-$([ -e $slf4j ] || echo no)" = sqlite-no ]; then
    echo "1..0 # SKIP Java is not installed, or libslf4j-java"
    exit 0
fi
. "$(dirname "$0")/common.sh"
called=Liquibase

project() {
    fresh_db
    echo '--liquibase formatted sql' | file changelog.sql
}

add() { # N: a changeset, whose statements end with a line "//"
    {
        printf '\n--changeset ann:%d endDelimiter:// labels:core%s\n--comment: number %d\n' "$1" \
            "$(is_outside "$1" && echo ' runInTransaction:false')" "$1"
        up_sql "$1" | sed '2,$s/^\(INSERT\|DO RELEASE\|CREATE TABLE\)/\/\/\n&/'
        echo //
        down_sql "$1" | sed 's/^/--rollback /'
    } >>"$dir/changelog.sql"
}

liquibase() { # COMMAND OPTION...
    local way=${url#*://}
    case $engine in
    sqlite) way=jdbc:$url ;;
    *) way=jdbc:${engine/postgres/postgresql}://${way#*@} ;;
    esac
    # Its own launcher gives the drivers no other libraries.
    run java -XX:TieredStopAtLevel=1 -XX:+UseSerialGC \
        -cp "$INTEROP_NODE/node_modules/liquibase/dist/liquibase/internal/lib/*:$slf4j" \
        liquibase.integration.commandline.LiquibaseCommandLine --show-banner=false \
        --changelog-lock-wait-time-in-minutes=0 --changelog-lock-poll-rate=1 \
        --search-path="$dir" --changelog-file=changelog.sql --url="$way" \
        --username="$(url_part user)" --password= "$@"
}

tool_up() { liquibase update; }
tool_down() { liquibase rollback-count 1; }
tool_done() { # "update" compares the checksums, and is what follows
    is "$(rows | wc -l)" "$1" "$who: .. $1 rows"
}
rows() {
    sql 'SELECT ORDEREXECUTED, ID, AUTHOR, FILENAME, EXECTYPE, MD5SUM, DESCRIPTION, COMMENTS, TAG, CONTEXTS,
        LABELS FROM DATABASECHANGELOG ORDER BY ORDEREXECUTED'
}
tool_while_locked() { tool_up; }

take_turns
dunlin_first
take_over
[ "$engine" = sqlite ] || take_locks 'Could not acquire change log lock'

# A changeset in XML, which a root changelog names before those in SQL.
project
mv "$dir/changelog.sql" "$dir/sql.sql"
cat >"$dir/changelog.xml" <<'END'
<?xml version="1.0" encoding="UTF-8"?>
<databaseChangeLog xmlns="http://www.liquibase.org/xml/ns/dbchangelog"
    xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"
    xsi:schemaLocation="http://www.liquibase.org/xml/ns/dbchangelog http://www.liquibase.org/xml/ns/dbchangelog/dbchangelog-latest.xsd">
    <changeSet id="first" author="ann">
        <createTable tableName="made_by_xml"><column name="id" type="int"/></createTable>
    </changeSet>
    <include file="sql.sql"/>
</databaseChangeLog>
END
add 1
cat "$dir/changelog.sql" >>"$dir/sql.sql"
rm "$dir/changelog.sql"
liquibase update --changelog-file=changelog.xml
exits 0 "$who: one changeset of XML and one of SQL"
dunlin -u "$url" -d "$dir" adopt
exits 65 "$who: dunlin refuses the one of XML"
dunlin -u "$url" -d "$dir" --foreign-code skip adopt
exits 0 "$who: adopt --foreign-code skip"
like "$out" '1 recorded' "$who: .. takes the other over"
like "$err" 'warning: .*changelog.xml::first::ann' "$who: .. and names this one"
dunlin -u "$url" -d "$dir" --foreign-code skip up
like "$out" '^done: 0 applied, 1 already applied' "$who: .. and up has nothing to do"
done_testing
