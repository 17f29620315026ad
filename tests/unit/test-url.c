/* SPDX-License-Identifier: MIT */
/* Database URLs: what they are decoded to, what is refused, and that no secret is ever repeated. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "base/buf.h"
#include "driver/url.h"

struct good {
    const char *text;
    const char *params; /* key=value, parted by spaces */
    const char *redacted;
};

static const struct good goods[] = {
    {"postgres://u:p@h:5432/db", "scheme=postgres user=u password=p host=h port=5432 database=db",
     "postgres://u:***@h:5432/db"},
    {"postgresql://h/db", "scheme=postgresql host=h database=db", "postgresql://h/db"},
    {"POSTGRES://H/Db", "scheme=postgres host=H database=Db", "postgres://H/Db"},
    {"postgres://", "scheme=postgres", "postgres://"},
    {"postgres:///db", "scheme=postgres database=db", "postgres:///db"},
    {"postgres://h", "scheme=postgres host=h", "postgres://h"},
    {"postgres://h/", "scheme=postgres host=h", "postgres://h/"},
    {"postgres://u@h", "scheme=postgres user=u host=h", "postgres://u@h"},
    {"postgres://u@/db", "scheme=postgres user=u database=db", "postgres://u@/db"},
    {"postgres://u:@h", "scheme=postgres user=u password= host=h", "postgres://u:***@h"},
    {"postgres://:p@h", "scheme=postgres password=p host=h", "postgres://:***@h"},
    {"postgres://:5433/db", "scheme=postgres port=5433 database=db", "postgres://:5433/db"},
    /* the last @ of the authority ends the password, the first : the user */
    {"postgres://u:p@q@h/db", "scheme=postgres user=u password=p@q host=h database=db",
     "postgres://u:***@h/db"},
    {"postgres://u:a:b@h", "scheme=postgres user=u password=a:b host=h", "postgres://u:***@h"},
    {"postgres://u:[x]@h", "scheme=postgres user=u password=[x] host=h", "postgres://u:***@h"},
    {"postgres://u%40corp:%3A%2F%3f%23%25@h/a%2Fb",
     "scheme=postgres user=u@corp password=:/?#% host=h database=a/b",
     "postgres://u%40corp:***@h/a%2Fb"},
    {"postgres://h/d%C3%A9j%C3%A0", "scheme=postgres host=h database=d\xc3\xa9j\xc3\xa0",
     "postgres://h/d%C3%A9j%C3%A0"},
    {"mysql://u:caf%E9@h/db", "scheme=mysql user=u password=caf\xe9 host=h database=db",
     "mysql://u:***@h/db"},
    {"mariadb://u:+@h:3306/db?socket=/run/x.sock",
     "scheme=mariadb user=u password=+ host=h port=3306 database=db socket=/run/x.sock",
     "mariadb://u:***@h:3306/db"},
    {"mysql://h/db?a=1&b=x+y%20z&c=", "scheme=mysql host=h database=db a=1 b=x+y z c=",
     "mysql://h/db"},
    {"mysql://h/db?", "scheme=mysql host=h database=db", "mysql://h/db"},
    {"mysql://h?a=b=c/d:e", "scheme=mysql host=h a=b=c/d:e", "mysql://h"},
    /* addresses */
    {"postgres://[::1]/db", "scheme=postgres host=::1 database=db", "postgres://[::1]/db"},
    {"postgres://u:p@[2001:db8::7]:5433",
     "scheme=postgres user=u password=p host=2001:db8::7 "
     "port=5433",
     "postgres://u:***@[2001:db8::7]:5433"},
    {"postgres://[fe80::1%25eth0]/", "scheme=postgres host=fe80::1%eth0",
     "postgres://[fe80::1%25eth0]/"},
    {"postgres://127.0.0.1:1/", "scheme=postgres host=127.0.0.1 port=1", "postgres://127.0.0.1:1/"},
    {"postgres://h:65535/", "scheme=postgres host=h port=65535", "postgres://h:65535/"},
    /* several hosts */
    {"postgres://h1:1,h2:2/db", "scheme=postgres host=h1,h2 port=1,2 database=db",
     "postgres://h1:1,h2:2/db"},
    {"postgres://h1,h2:2/db", "scheme=postgres host=h1,h2 port=,2 database=db",
     "postgres://h1,h2:2/db"},
    {"postgres://h1,[::1]/db", "scheme=postgres host=h1,::1 database=db", "postgres://h1,[::1]/db"},
    {"postgres://h1:7,[::1]:8,h3/", "scheme=postgres host=h1,::1,h3 port=7,8,",
     "postgres://h1:7,[::1]:8,h3/"},
    /* sockets */
    {"postgres:///db?host=/run/pg", "scheme=postgres database=db host=/run/pg", "postgres:///db"},
    {"postgres://%2Frun%2Fpg/db", "scheme=postgres host=/run/pg database=db",
     "postgres://%2Frun%2Fpg/db"},
    {"postgres://u@localhost:6432/db?host=/cloud/a:b",
     "scheme=postgres user=u host=/cloud/a:b port=6432 database=db",
     "postgres://u@localhost:6432/db"},
    {"postgres:///?port=5433&user=me&password=SECRET&database=db",
     "scheme=postgres port=5433 user=me password=SECRET database=db", "postgres:///"},
    {"postgres:///?host=a,b&port=1,2", "scheme=postgres host=a,b port=1,2", "postgres:///"},
    {"postgres://h/?sslpassword=SECRET", "scheme=postgres host=h sslpassword=SECRET",
     "postgres://h/"},
    /* files */
    {"sqlite:app.db", "scheme=sqlite database=app.db", "sqlite:app.db"},
    {"sqlite:a/b.db?mode=ro&cache=SECRET", "scheme=sqlite database=a/b.db mode=ro cache=SECRET",
     "sqlite:a/b.db"},
    {"sqlite:/abs/a.db", "scheme=sqlite database=/abs/a.db", "sqlite:/abs/a.db"},
    {"sqlite:///abs/a.db", "scheme=sqlite database=/abs/a.db", "sqlite:/abs/a.db"},
    {"sqlite3:///a.db", "scheme=sqlite3 database=/a.db", "sqlite3:/a.db"},
    {"SQLite::memory:", "scheme=sqlite database=:memory:", "sqlite::memory:"},
    {"sqlite3:a b#c@d%3f.db", "scheme=sqlite3 database=a b#c@d?.db", "sqlite3:a b#c@d%3f.db"},
    {"sqlite:file:x?mode=memory", "scheme=sqlite database=file:x mode=memory", "sqlite:file:x"},
    /* others */
    {"duckdb:dir/a.db?threads=1", "scheme=duckdb database=dir/a.db threads=1", "duckdb:***"},
    {"my_db2://u:p@h/x/y", "scheme=my_db2 user=u password=p host=h database=x/y",
     "my_db2://u:***@h/x/y"},
};

struct bad {
    const char *text;
    const char *message; /* part of it */
    const char *hint;    /* part of it */
    const char *redacted;
};

#define ENCODE "percent-encode : @ / ? # % [ ] in user and password"

static const struct bad bads[] = {
    {"", "is empty", "sqlite:PATH", "***"},
    {"app.db", "no scheme", "sqlite:PATH", "***"},
    {"./SECRET.db", "no scheme", "postgres://USER@HOST/DATABASE", "***"},
    {"host=localhost password=SECRET", "no scheme", "mysql://", "***"},
    {"://u:SECRET@h", "no scheme", "mysql://", "***"},
    {"1db://u:SECRET@h", "no scheme", "mysql://", "1db://***"},
    {"u:SECRET@tcp(127.0.0.1:3306)/db", "Go data source name", "mysql://USER:PASSWORD@HOST:PORT",
     "u:***"},
    {"u:SECRET@unix(/run/x)/db", "Go data source name", "mysql://USER:PASSWORD", "u:***"},
    {"u:SECRET@h/db", "no scheme", "mysql://", "u:***"},
    {"jdbc:postgresql://h/db?password=SECRET", "no scheme", "postgres://", "jdbc:***"},
    {"mysql://u:SECRET@tcp(127.0.0.1:3306)/db", "Go data source name", "mysql://USER:PASSWORD@",
     "mysql://***"},
    {"mysql:u:SECRET@h/db", "no // after its scheme", "mysql://", "mysql:***"},
    {"postgres:db", "no // after its scheme", "postgres://", "postgres:***"},
    /* the password's punctuation moves the borders */
    {"postgres://u:12/SECRET@h/db", "\"@\" after its host", ENCODE, "postgres://***"},
    {"postgres://u:12?SECRET@h/db", "\"@\" after its host", ENCODE, "postgres://***"},
    {"postgres://u:12#SECRET@h/db", "\"@\" after its host", ENCODE, "postgres://***"},
    {"postgres://u:p@h/a@b", "\"@\" after its host", "@ as %40 everywhere else", "postgres://***"},
    {"postgres://h/db#SECRET", "has a \"#\"", ENCODE, "postgres://***"},
    {"postgres://h/db?x=SECRET#y", "has a \"#\"", ENCODE, "postgres://***"},
    {"postgres://u:SECRET%@h", "malformed percent-encoding in the password", ENCODE,
     "postgres://***"},
    {"postgres://u:SECRET%4@h", "malformed percent-encoding in the password", ENCODE,
     "postgres://***"},
    {"postgres://u:SECRET%zz@h", "malformed percent-encoding in the password", ENCODE,
     "postgres://***"},
    {"postgres://u%:SECRET@h", "malformed percent-encoding in the user", ENCODE, "postgres://***"},
    {"postgres://h/%g0", "malformed percent-encoding in the database", ENCODE, "postgres://***"},
    {"postgres://h/?a=%", "malformed percent-encoding in the query", ENCODE, "postgres://***"},
    {"postgres://u:SECRET%00@h", "control character in the password", ENCODE, "postgres://***"},
    {"postgres://u:SECRET\n@h", "control character in the password", ENCODE, "postgres://***"},
    {"postgres://h/db\r\n", "control character in the database", ENCODE, "postgres://***"},
    {"postgres://h/db?a=%0ab", "control character in the query", ENCODE, "postgres://***"},
    {"postgres://h%7f", "control character in the host", ENCODE, "postgres://***"},
    {"postgres://h/%C2%9B31m", "control character in the database", ENCODE, "postgres://***"},
    {"postgres://h/%ff", "invalid UTF-8 in the database", ENCODE, "postgres://***"},
    {"postgres://%C0%AF:SECRET@h", "invalid UTF-8 in the user", ENCODE, "postgres://***"},
    {"postgres://h/%ED%A0%80", "invalid UTF-8 in the database", ENCODE, "postgres://***"},
    {"postgres://h/%F4%90%80%80", "invalid UTF-8 in the database", ENCODE, "postgres://***"},
    {"postgres://h/%E2%82", "invalid UTF-8 in the database", ENCODE, "postgres://***"},
    /* hosts and ports */
    {"postgres://u:SECRET@h:/db", "port of the database URL is not a number", ENCODE,
     "postgres://***"},
    {"postgres://h:0/", "not a number from 1 to 65535", ENCODE, "postgres://***"},
    {"postgres://h:65536/", "not a number from 1 to 65535", ENCODE, "postgres://***"},
    {"postgres://h:4294967297/", "not a number from 1 to 65535", ENCODE, "postgres://***"},
    {"postgres://u:SECRET", "not a number from 1 to 65535", ENCODE, "postgres://***"},
    {"postgres://h:-1/", "not a number from 1 to 65535", ENCODE, "postgres://***"},
    {"postgres://h:5 /", "not a number from 1 to 65535", ENCODE, "postgres://***"},
    {"postgres://h/?port=x", "not a number from 1 to 65535", ENCODE, "postgres://***"},
    {"postgres://h/?port=", "not a number from 1 to 65535", ENCODE, "postgres://***"},
    {"postgres://::1/db", "IPv6 address without brackets", ENCODE, "postgres://***"},
    {"postgres://u:a:SECRET:b/db", "IPv6 address without brackets", ENCODE, "postgres://***"},
    {"postgres://[::1/db", "misplaced bracket in the host", ENCODE, "postgres://***"},
    {"postgres://[::1]x/db", "misplaced bracket in the host", ENCODE, "postgres://***"},
    {"postgres://[::1]:/db", "not a number from 1 to 65535", ENCODE, "postgres://***"},
    {"postgres://[SECRET]/db", "malformed IPv6 address", ENCODE, "postgres://***"},
    {"postgres://[fe80::1%25]/db", "malformed IPv6 address", ENCODE, "postgres://***"},
    {"postgres://h]/db", "character that no host name has", ENCODE, "postgres://***"},
    {"postgres://a b/db", "character that no host name has", ENCODE, "postgres://***"},
    {"postgres://a%2Cb/db", "character that no host name has", ENCODE, "postgres://***"},
    {"postgres://a%2Fb/db", "character that no host name has", ENCODE, "postgres://***"},
    {"postgres://h1,,h2/db", "empty name in the list of hosts", ENCODE, "postgres://***"},
    {"postgres://h1,/db", "empty name in the list of hosts", ENCODE, "postgres://***"},
    /* queries */
    {"postgres://h/?a", "key without \"=\"", ENCODE, "postgres://***"},
    {"postgres://h/?=b", "empty key", ENCODE, "postgres://***"},
    {"postgres://h/?a=b&", "empty key", ENCODE, "postgres://***"},
    {"postgres://h/?&a=b", "empty key", ENCODE, "postgres://***"},
    {"postgres://h/?a=1&a=SECRET", "gives \"a\" twice", "leave one", "postgres://***"},
    {"postgres://h/?%61=1&a=2", "gives \"a\" twice", "leave one", "postgres://***"},
    {"postgres://h/?x%22SECRET=1&x%22SECRET=2", "gives \"a key\" twice", "leave", "postgres://***"},
    {"postgres://u:SECRET@h/?password=x", "gives \"password\" twice", "leave", "postgres://***"},
    {"postgres://h/?host=other", "gives \"host\" twice", "leave one", "postgres://***"},
    {"postgres://h/?host=/a&host=/b", "gives \"host\" twice", "leave one", "postgres://***"},
    {"postgres:///?host=a&host=/b", "gives \"host\" twice", "leave one", "postgres://***"},
    {"postgres://h/?scheme=x", "gives \"scheme\" twice", "leave one", "postgres://***"},
    {"postgres://h/a?database=b", "gives \"database\" twice", "leave one", "postgres://***"},
    /* files */
    {"sqlite:", "names no database file", "sqlite:PATH", "sqlite:***"},
    {"sqlite:?mode=ro", "names no database file", "sqlite:PATH", "sqlite:***"},
    {"sqlite://", "host where its path should begin", "sqlite:///PATH", "sqlite://***"},
    {"sqlite://rel.db", "host where its path should begin", "sqlite:PATH for a relative",
     "sqlite://***"},
    {"sqlite://u:SECRET@h/db", "host where its path should begin", "sqlite:///PATH",
     "sqlite://***"},
    {"sqlite:postgres://u:SECRET@h/db", "no scheme", "postgres://", "sqlite:***"},
    {"sqlite:a%00b", "control character in the path", "", "sqlite:***"},
    {"sqlite:a\tb", "control character in the path", "", "sqlite:***"},
};

static void flatten(const struct url *url, struct buf *text)
{
    for (uint32_t i = 0; i < url->count; i++) {
        buf_addf(text, "%s%s=%s", i ? " " : "", url->params[i].key, url->params[i].value);
    }
}

static void test_good(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(goods) / sizeof(goods[0]); i++) {
        struct dunlin_error err = DUNLIN_ERROR_INIT;
        struct arena arena = ARENA_INIT;
        struct buf text = BUF_INIT(4096);
        struct url url;

        if (url_parse(goods[i].text, &arena, &url, &err) != DUNLIN_OK)
            fail_msg("%s: %s", goods[i].text, err.message);
        flatten(&url, &text);
        assert_string_equal(buf_str(&text), goods[i].params);
        assert_string_equal(url.scheme, url.params[0].value);
        buf_free(&text);
        arena_free(&arena);
    }
}

static void test_bad(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(bads) / sizeof(bads[0]); i++) {
        const struct bad *b = &bads[i];
        struct dunlin_error err = DUNLIN_ERROR_INIT;
        struct arena arena = ARENA_INIT;
        struct url url = {.count = 77};

        if (url_parse(b->text, &arena, &url, &err) != DUNLIN_CONFIG)
            fail_msg("%s: not refused", b->text);
        assert_int_equal(err.status, DUNLIN_CONFIG);
        assert_int_equal(err.kind, DUNLIN_KIND_CONFIG);
        assert_int_equal(url.count, 77);
        if (!strstr(err.message, b->message) || !strstr(err.hint, b->hint))
            fail_msg("%s: \"%s\", hint \"%s\"", b->text, err.message, err.hint);
        if (strstr(err.message, "SECRET") || strstr(err.hint, "SECRET"))
            fail_msg("%s: repeated in \"%s\", \"%s\"", b->text, err.message, err.hint);
        assert_int_equal(url_parse(b->text, &arena, &url, NULL), DUNLIN_CONFIG);
        arena_free(&arena);
    }
}

static void test_redact(void **state)
{
    char text[256];

    (void)state;
    for (size_t i = 0; i < sizeof(goods) / sizeof(goods[0]); i++) {
        url_redact(goods[i].text, text, sizeof(text));
        assert_string_equal(text, goods[i].redacted);
    }
    for (size_t i = 0; i < sizeof(bads) / sizeof(bads[0]); i++) {
        url_redact(bads[i].text, text, sizeof(text));
        assert_string_equal(text, bads[i].redacted);
    }
}

static void test_redact_size(void **state)
{
    char text[8] = "1234567";

    (void)state;
    url_redact("postgres://u:p@h/db", text, 0);
    assert_string_equal(text, "1234567");
    url_redact("postgres://u:p@h/db", text, 5);
    assert_string_equal(text, "post");
    url_redact("nothing", text, sizeof(text));
    assert_string_equal(text, "***");
}

static void test_too_long(void **state)
{
    static char text[70000];
    struct dunlin_error err = DUNLIN_ERROR_INIT;
    struct arena arena = ARENA_INIT;
    struct url url;

    (void)state;
    memset(text, 'x', sizeof(text) - 1);
    memcpy(text, "sqlite:", 7);
    assert_int_equal(url_parse(text, &arena, &url, &err), DUNLIN_CONFIG);
    assert_non_null(strstr(err.message, "too long"));
    text[4000] = '\0';
    assert_int_equal(url_parse(text, &arena, &url, &err), DUNLIN_OK);
    arena_free(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_good),     cmocka_unit_test(test_bad),
        cmocka_unit_test(test_redact),   cmocka_unit_test(test_redact_size),
        cmocka_unit_test(test_too_long),
    };

    return cmocka_run_group_tests_name("url", tests, NULL, NULL);
}
