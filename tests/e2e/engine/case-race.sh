# SPDX-License-Identifier: MIT
# Several runs at once: one works, the others wait and find nothing to do.
fresh_db
for i in 1 2 3 4 5; do
    printf 'CREATE TABLE r%d (id integer NOT NULL PRIMARY KEY);\nINSERT INTO r%d VALUES (1);\n' \
        $i $i >"$dir/${i}_r.sql"
done
pids=
for i in 1 2 3 4 5 6; do
    "$DUNLIN" -u "$url" -d "$dir" up >"$work/race.$i" 2>&1 </dev/null &
    pids="$pids $!"
done
failures=0
for pid in $pids; do
    wait "$pid" || failures=$((failures + 1))
done
is "$failures" 0 "race: every run succeeds"
[ "$failures" = 0 ] || diag "$(cat "$work"/race.*)"
is "$(cat "$work"/race.* | sed -n 's/^done: \([0-9]*\) applied.*/\1/p' | { s=0; while read -r n; do s=$((s + n)); done; echo $s; })" 5 \
    "race: each migration ran once"
is "$(sql "SELECT count(*) FROM dunlin_migrations WHERE status = 'applied'")" 5 \
    "race: and is recorded once"
