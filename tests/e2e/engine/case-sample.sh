# SPDX-License-Identifier: MIT
# The sample folder: up, status, again, everything down, and up again.
fresh_db
dir=$DUNLIN_MIGRATIONS

up
exits 0 "sample: up"
like "$out" '^done: 7 applied, 0 already applied, 7 total in [0-9.]+ s$' "sample: seven applied"
is "$(sql 'SELECT count(*) FROM open_issues')" 1 "sample: the view works"
is "$(sql "SELECT count(*) FROM labels WHERE name = 'question; needs an answer'")" 1 \
    "sample: a semicolon in a string is data"

before=$(sql 'SELECT source, version, name, kind, status, checksum, statements_done, statements_total, applied_by, tool_version FROM dunlin_migrations ORDER BY source, version')
like "$before" '^main\|0004\|labels\|versioned\|applied\|v1:sha256:[0-9a-f]{64}\|3\|3\|' \
    "sample: the history row"
is "$(sql "SELECT count(*) FROM dunlin_migrations WHERE status = 'applied' AND applied_at IS NOT NULL AND duration_ms >= 0")" \
    7 "sample: every row has a time and a duration"

if [ "$engine" != sqlite ]; then
    counted up
    exits 0 "sample: nothing to do"
    # Start-up and authentication take one or two; the history is one query.
    ok "sample: nothing to do is one query ($round_trips round trips)" \
        test "$round_trips" -le 4
else
    up
fi
like "$out" '^done: 0 applied, 7 already applied, 7 total in ' "sample: says that nothing is to do"
is "$(sql 'SELECT source, version, name, kind, status, checksum, statements_done, statements_total, applied_by, tool_version FROM dunlin_migrations ORDER BY source, version')" \
    "$before" "sample: and changes nothing"

dunlin -u "$url" -d "$dir" status
exits 0 "sample: status"
like "$out" '0005.*applied.*a project to begin with' "sample: status shows the description"
dunlin -u "$url" -d "$dir" status --check
exits 0 "sample: status --check when all is applied"

dunlin -u "$url" -d "$dir" down
exits 0 "sample: down"
like "$out" '^done: 1 reverted, 6 still applied in ' "sample: down without a number reverts one"
dunlin -u "$url" -d "$dir" status --check
exits 1 "sample: status --check when one is pending"

dunlin -u "$url" -d "$dir" down --all --yes
exits 0 "sample: down --all"
is "$(sql 'SELECT count(*) FROM dunlin_migrations')" 0 "sample: nothing is applied any more"
not_ok "sample: the tables are gone" sql 'SELECT count(*) FROM people'

up
exits 0 "sample: up again"
like "$out" '^done: 7 applied, 0 already applied, 7 total in ' "sample: seven applied again"
