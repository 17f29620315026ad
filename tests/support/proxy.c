/* SPDX-License-Identifier: MIT */
/*
 * A measured network between a client and a server, for tests. Counts round trips: how often the
 * client spoke again after the server had answered. That number is the same on every machine.
 *
 *     proxy HOST PORT REPORT [CUT_AFTER]
 *
 * Prints the port that it listens on (127.0.0.1), serves connections one after the other until it
 * is ended by SIGTERM, and rewrites the file REPORT after each with one line:
 * connections=N round_trips=N sent=N received=N. CUT_AFTER closes the connection abruptly once
 * the client has sent so many bytes.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

struct totals {
    unsigned long connections, round_trips, sent, received;
};

static int listen_any(unsigned *port)
{
    struct sockaddr_in a = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof(a);
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    if (fd < 0 || bind(fd, (struct sockaddr *)&a, sizeof(a)) || listen(fd, 64) ||
        getsockname(fd, (struct sockaddr *)&a, &size))
        return -1;
    *port = ntohs(a.sin_port);
    return fd;
}

static int connect_to(const char *host, const char *port)
{
    struct sockaddr_in a = {.sin_family = AF_INET, .sin_port = htons((uint16_t)atoi(port))};
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    if (fd < 0 || inet_pton(AF_INET, host, &a.sin_addr) != 1 ||
        connect(fd, (struct sockaddr *)&a, sizeof(a))) {
        if (fd >= 0)
            close(fd);
        return -1;
    }
    return fd;
}

static bool write_all(int fd, const char *data, size_t len)
{
    while (len > 0) {
        ssize_t n = write(fd, data, len);

        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return false;
        data += n;
        len -= (size_t)n;
    }
    return true;
}

static void abort_connection(int fd)
{
    struct linger hard = {1, 0};

    setsockopt(fd, SOL_SOCKET, SO_LINGER, &hard, sizeof(hard));
}

/* Passes bytes both ways until one side ends or the cut is reached. */
static void pump(int client, int server, unsigned long cut, struct totals *t)
{
    struct pollfd fds[2] = {{.fd = client, .events = POLLIN}, {.fd = server, .events = POLLIN}};
    unsigned long sent = 0;
    bool client_spoke = false;
    char data[65536];

    while (poll(fds, 2, -1) > 0) {
        for (int i = 0; i < 2; i++) {
            ssize_t n;

            if (!fds[i].revents)
                continue;
            n = read(fds[i].fd, data, sizeof(data));
            if (n <= 0)
                return;
            if (i == 0) {
                t->round_trips += !client_spoke;
                t->sent += (unsigned long)n;
                sent += (unsigned long)n;
            } else {
                t->received += (unsigned long)n;
            }
            client_spoke = i == 0;
            if (cut && sent >= cut) {
                abort_connection(client);
                abort_connection(server);
                return;
            }
            if (!write_all(fds[1 - i].fd, data, (size_t)n))
                return;
        }
    }
}

/* Renamed into place: whoever reads it sees a whole line. */
static void report(const char *path, const struct totals *t)
{
    char part[4096];
    FILE *f;

    if ((size_t)snprintf(part, sizeof(part), "%s.part", path) >= sizeof(part))
        return;
    f = fopen(part, "w");
    if (!f)
        return;
    fprintf(f, "connections=%lu round_trips=%lu sent=%lu received=%lu\n", t->connections,
            t->round_trips, t->sent, t->received);
    if (fclose(f) == 0)
        (void)rename(part, path);
}

int main(int argc, char **argv)
{
    struct totals t = {0, 0, 0, 0};
    unsigned port = 0;
    int listener;

    if (argc < 4)
        return 64;
    listener = listen_any(&port);
    if (listener < 0)
        return 1;
    printf("%u\n", port);
    fflush(stdout);
    report(argv[3], &t);
    for (;;) {
        int client = accept(listener, NULL, NULL);
        int server = client < 0 ? -1 : connect_to(argv[1], argv[2]);

        if (server >= 0) {
            t.connections++;
            pump(client, server, argc > 4 ? strtoul(argv[4], NULL, 10) : 0, &t);
            report(argv[3], &t);
            close(server);
        }
        if (client >= 0)
            close(client);
    }
}
