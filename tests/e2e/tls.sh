# SPDX-License-Identifier: MIT
#
# TLS, sourced by tls-ENGINE.sh: every sslmode against a server with the right certificate, one for
# another name, one that has expired, one from an authority that nobody trusts, and none at all.
# That a connection is encrypted the server itself says, in a verify section.

needs_command openssl
engine=${DUNLIN_TEST_ENGINE:-$wanted}
private=${DUNLIN_TEST_TLS_NETWORK:-} # an address of this machine that is not loopback

# An address where nobody else can connect: in a network of our own, which takes root.
own_network() {
    [ -z "${DUNLIN_TEST_URL:-}" ] && [ -z "$private" ] && [ "$(id -u)" = 0 ] &&
        command -v ip >/dev/null && unshare -n true 2>/dev/null
}
if own_network; then
    export DUNLIN_TEST_TLS_NETWORK=10.77.77.77
    tap_plan=given
    cd / && rm -rf "$work"
    exec unshare -n "$BASH" -c 'ip link set lo up && ip address add $DUNLIN_TEST_TLS_NETWORK/32 dev lo &&
        exec "$0" "$1"' "$BASH" "$tap_script"
fi

export DUNLIN_TEST_SERVER_SETUP="$abs_top_srcdir/tests/support/certificates"
if [ "$engine" = postgres ]; then
    listen=127.0.0.1${private:+,$private}
    export DUNLIN_TEST_SERVER_OPTIONS="-c ssl=on -c ssl_cert_file={files}/server.crt
        -c ssl_key_file={files}/server.key -c hba_file={files}/hba -c listen_addresses=$listen"
else
    export DUNLIN_TEST_SERVER_OPTIONS="--ssl-cert={files}/server.crt --ssl-key={files}/server.key
        ${private:+--bind-address=0.0.0.0}"
fi
needs_server "$wanted"

files=$DUNLIN_TEST_SERVER_FILES
authority=${DUNLIN_TEST_URL#*@}
port=${authority##*:}
port=${port%%/*}
user=${DUNLIN_TEST_URL#*://}
user=${user%%@*}
scheme=${DUNLIN_TEST_URL%%:*}

mkdir migrations
if [ "$engine" = postgres ]; then
    encrypted='SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()'
else
    encrypted="SELECT variable_value <> '' FROM information_schema.session_status WHERE variable_name = 'Ssl_cipher'"
fi
printf -- '-- migrate:up\nCREATE TABLE t (id integer);\n-- migrate:verify\n%s;\n' "$encrypted" >migrations/1_t.sql

at() { # HOST QUERY: an URL
    echo "$scheme://$user@$1:$port/test${2:+?$2}"
}

admin() { # statement, in plain text or not
    if [ "$engine" = postgres ]; then
        psql -X -q -A -t -h 127.0.0.1 -p "$port" -U "$user" -d test -c "$1"
    else
        mariadb --no-defaults --skip-ssl -N -B -h 127.0.0.1 -P "$port" -u "$user" test -e "$1"
    fi
}

fingerprint() {
    openssl x509 -noout -fingerprint 2>/dev/null
}

shows() { # FILE: the server shows this certificate
    local protocol=${engine/mariadb/mysql}
    [ "$(openssl s_client -connect "127.0.0.1:$port" -starttls "$protocol" </dev/null 2>/dev/null | fingerprint)" = \
        "$(fingerprint <"$files/$1.crt")" ]
}

serve() { # FILE: the server's certificate from now on
    cat "$files/$1.crt" >"$files/server.crt"
    cat "$files/$1.key" >"$files/server.key"
    admin "$([ "$engine" = postgres ] && echo 'SELECT pg_reload_conf()' || echo 'FLUSH SSL')" >/dev/null
    ok "the server shows the certificate \"$1\"" wait_until 20 shows "$1"
}

# A server without TLS, or somebody in between who says so.
plain_server() { # CODE QUERY...
    local code=$1 query
    shift
    for query; do
        "$DUNLIN" -u "$DUNLIN_TEST_URL?$query" -d migrations status 2>&1
        [ $? = "$code" ] || return 1
    done
}
export -f plain_server

without_tls() { # NAME CODE QUERY...
    local name=$1
    shift
    ok "a server without TLS: $name" env -u DUNLIN_TEST_SERVER_SETUP -u DUNLIN_TEST_SERVER_OPTIONS \
        "$abs_top_srcdir/tests/support/with-server" "$engine" "$BASH" -c 'plain_server "$@"' bash "$@"
}

TLS=0 PLAIN=1 REFUSED=4
mode() { # CODE HOST QUERY [NAME]
    dunlin -u "$(at "$2" "$3")" -d migrations verify
    exits "$1" "${4:-$certificate, $2${3:+, ${3//$files\//}}}"
}

dunlin -u "$(at 127.0.0.1)" -d migrations up
exits 0 "up, as it comes"
unlike "$err" 'not encrypted' "no warning where TLS is used"

ca=sslrootcert=$files/ca.crt
other=sslrootcert=$files/other-ca.crt
certificate=good
mode $TLS 127.0.0.1 ''
mode $PLAIN 127.0.0.1 sslmode=disable
unlike "$err" 'not encrypted' "no warning for this machine"
mode "$([ "$engine" = postgres ] && echo $PLAIN || echo $TLS)" 127.0.0.1 sslmode=allow
mode $TLS 127.0.0.1 sslmode=prefer
mode $TLS 127.0.0.1 sslmode=require
mode $TLS 127.0.0.1 "sslmode=verify-ca&$ca"
mode $TLS 127.0.0.1 "sslmode=verify-full&$ca"
[ "$engine" != postgres ] || mode $TLS localhost "sslmode=verify-full&$ca" # MariaDB: its socket
mode $REFUSED 127.0.0.1 "sslmode=verify-ca&$other"
mode $REFUSED 127.0.0.1 "sslmode=verify-full&$other"
mode $REFUSED 127.0.0.1 "sslmode=require&$other"
mode $REFUSED 127.0.0.1 "sslmode=verify-full"
mode $REFUSED 127.0.0.1 "sslmode=verify-full&sslrootcert=$files/absent.crt"
DATABASE_SSL=verify-full mode $TLS 127.0.0.1 "$ca" "DATABASE_SSL=verify-full"
DATABASE_SSL=verify-full mode $REFUSED 127.0.0.1 "$other" "DATABASE_SSL=verify-full, another authority"
DATABASE_SSL=false mode $PLAIN 127.0.0.1 '' "DATABASE_SSL=false"
mode 78 127.0.0.1 sslmode=verify_full "a mistyped sslmode is refused"
mode 78 127.0.0.1 sslmod=verify-full "and a mistyped key: neither is as if it were not there"

certificate=wrong
serve wrong
mode $TLS 127.0.0.1 sslmode=require
# MariaDB's library has no way to insist on TLS and not on the name.
mode "$([ "$engine" = postgres ] && echo $TLS || echo $REFUSED)" 127.0.0.1 "sslmode=verify-ca&$ca"
mode $REFUSED 127.0.0.1 "sslmode=verify-full&$ca"
[ "$engine" != postgres ] || mode $REFUSED localhost "sslmode=verify-full&$ca"

for certificate in expired stranger; do
    serve $certificate
    mode $TLS 127.0.0.1 sslmode=require
    mode $REFUSED 127.0.0.1 "sslmode=verify-ca&$ca"
    mode $REFUSED 127.0.0.1 "sslmode=verify-full&$ca"
done

without_tls "prefer goes on" 0 sslmode=prefer
without_tls "require, verify-ca and verify-full are refused" $REFUSED sslmode=require \
    "sslmode=verify-ca&$ca" "sslmode=verify-full&$ca"
