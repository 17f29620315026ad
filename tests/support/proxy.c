/* SPDX-License-Identifier: MIT */
/*
 * A measured network between a client and a server, for tests and the benchmark. Counts round
 * trips: how often the client spoke again after the server had answered. That number is the same on
 * every machine.
 *
 *     proxy HOST PORT REPORT [CUT_AFTER [DELAY]]
 *
 * Prints the port that it listens on (127.0.0.1), serves any number of connections until it is
 * ended by SIGTERM, and rewrites the file REPORT when one has ended, with one line of totals:
 * connections=N round_trips=N sent=N received=N. With SIGHUP it ends by itself, once the
 * connections that are open have ended: then the report is complete. CUT_AFTER, unless it is 0,
 * closes the first connection abruptly once its client has sent so many bytes: those still reach
 * the server, and no answer comes back any more. CUT_AFTER "-" reads such numbers from standard
 * input, a line each: it holds for the first connection that is made after the line, and is said
 * again on standard output once it holds. The end of that input is like SIGHUP. DELAY is the
 * round-trip time to add, in milliseconds with decimals: half of it on each way. The handshake of a
 * new connection is not delayed.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/select.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define SECOND INT64_C(1000000000)
#define HELD_MAX (8u << 20) /* bytes under way in one direction; more are left with the sender */

struct totals {
    unsigned long connections, round_trips, sent, received;
};

struct chunk {
    struct chunk *next;
    int64_t due;
    size_t len, at;
    char data[];
};

/* One direction of a connection. */
struct way {
    int from, to;
    struct chunk *first, **end;
    size_t held;
    bool ended;
};

struct connection {
    struct connection *next;
    struct way out, back;          /* client to server, server to client */
    unsigned long sent, cut_after; /* 0: never */
    bool client_spoke, over;
    bool cut; /* as soon as what is held has reached the server */
};

/* Where the next connection is to be cut, a line each. */
struct control {
    int fd; /* -1: there is none, or it has ended */
    char line[32];
    size_t len;
};

struct proxy {
    const char *host, *port, *report;
    unsigned long cut; /* of the next connection that is made */
    struct control control;
    int64_t half; /* delay of one way */
    int listener;
    struct connection *connections;
    struct totals totals;
};

static volatile sig_atomic_t finishing;

static void finish(int number)
{
    (void)number;
    finishing = 1;
}

static int64_t now(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * SECOND + t.tv_nsec;
}

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

/* Nobody waits in a write, and no bytes wait for others to be sent with. */
static void prepare_socket(int fd)
{
    int on = 1;

    fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK);
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
}

static void abort_socket(int fd)
{
    struct linger hard = {1, 0};

    setsockopt(fd, SOL_SOCKET, SO_LINGER, &hard, sizeof(hard));
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

static void way_init(struct way *w, int from, int to)
{
    w->from = from;
    w->to = to;
    w->end = &w->first;
}

static void way_free(struct way *w)
{
    while (w->first) {
        struct chunk *c = w->first;

        w->first = c->next;
        free(c);
    }
}

static bool hold(struct way *w, const char *data, size_t len, int64_t due)
{
    struct chunk *c = malloc(sizeof(*c) + len);

    if (!c)
        return false;
    c->next = NULL;
    c->due = due;
    c->len = len;
    c->at = 0;
    memcpy(c->data, data, len);
    *w->end = c;
    w->end = &c->next;
    w->held += len;
    return true;
}

/* Passes on what is due. The client can answer only what has reached it: from there on, what it
 * says is a new round trip. */
static void deliver(struct connection *c, struct way *w)
{
    while (w->first && w->first->due <= now()) {
        struct chunk *head = w->first;
        ssize_t n =
            send(w->to, head->data + head->at, head->len - head->at, MSG_NOSIGNAL | MSG_DONTWAIT);

        if (n < 0) {
            c->over = errno != EAGAIN && errno != EWOULDBLOCK && errno != EINTR;
            return;
        }
        if (w == &c->back)
            c->client_spoke = false;
        w->held -= (size_t)n;
        head->at += (size_t)n;
        if (head->at == head->len) {
            w->first = head->next;
            if (!w->first)
                w->end = &w->first;
            free(head);
        }
    }
    if (w->ended && !w->first) {
        if (c->cut)
            abort_socket(c->out.from);
        c->over = true;
    }
}

static void take(struct proxy *p, struct connection *c, struct way *w)
{
    char data[65536];
    ssize_t n = read(w->from, data, sizeof(data));

    if (n < 0 && (errno == EAGAIN || errno == EINTR))
        return;
    if (n <= 0) {
        w->ended = true;
        return;
    }
    if (w == &c->out) {
        p->totals.round_trips += !c->client_spoke;
        p->totals.sent += (unsigned long)n;
        c->sent += (unsigned long)n;
        c->client_spoke = true;
        if (c->cut_after && c->sent >= c->cut_after) {
            n -= (ssize_t)(c->sent - c->cut_after);
            c->cut = w->ended = true;
        }
    } else {
        p->totals.received += (unsigned long)n;
    }
    if (!hold(w, data, (size_t)n, now() + p->half))
        c->over = true;
}

static void admit(struct proxy *p)
{
    int client = accept(p->listener, NULL, NULL);
    int server = client < 0 ? -1 : connect_to(p->host, p->port);
    struct connection *c = NULL;

    if (server >= 0 && server < FD_SETSIZE && client < FD_SETSIZE)
        c = calloc(1, sizeof(*c));
    if (!c) {
        if (server >= 0)
            close(server);
        if (client >= 0)
            close(client);
        return;
    }
    prepare_socket(client);
    prepare_socket(server);
    c->cut_after = p->cut;
    p->cut = 0;
    way_init(&c->out, client, server);
    way_init(&c->back, server, client);
    c->next = p->connections;
    p->connections = c;
    p->totals.connections++;
}

/* Lines are short, and their sender waits for each to be said again. */
static void obey(struct proxy *p)
{
    struct control *c = &p->control;
    ssize_t n = read(c->fd, c->line + c->len, sizeof(c->line) - 1 - c->len);
    char *end;

    if (n <= 0) {
        c->fd = -1;
        finishing = 1;
        return;
    }
    c->len += (size_t)n;
    c->line[c->len] = '\0';
    end = strchr(c->line, '\n');
    if (!end)
        return;
    p->cut = strtoul(c->line, NULL, 10);
    c->len = 0;
    printf("%lu\n", p->cut);
    fflush(stdout);
}

static void remove_ended(struct proxy *p)
{
    struct connection **at = &p->connections;

    while (*at) {
        struct connection *c = *at;

        if (!c->over) {
            at = &c->next;
            continue;
        }
        *at = c->next;
        report(p->report, &p->totals);
        close(c->out.from);
        close(c->out.to);
        way_free(&c->out);
        way_free(&c->back);
        free(c);
    }
}

struct waiting {
    fd_set readable, writable;
    int highest;
    int64_t due; /* of the next chunk that is under way, 0: none */
};

static void want(fd_set *set, int fd, struct waiting *w)
{
    FD_SET(fd, set);
    if (fd > w->highest)
        w->highest = fd;
}

static void wait_for_way(struct waiting *wait, const struct way *w)
{
    if (!w->ended && w->held < HELD_MAX)
        want(&wait->readable, w->from, wait);
    if (w->first && w->first->due <= now())
        want(&wait->writable, w->to, wait);
    else if (w->first && (!wait->due || w->first->due < wait->due))
        wait->due = w->first->due;
}

/* Until something can be read, written, or is due. SIGHUP arrives only here. */
static bool wait_for_any(struct proxy *p, struct waiting *w, const sigset_t *mask)
{
    struct timespec rest = {0, 0};
    int64_t left;

    memset(w, 0, sizeof(*w));
    FD_ZERO(&w->readable);
    FD_ZERO(&w->writable);
    w->highest = -1;
    if (!finishing)
        want(&w->readable, p->listener, w);
    if (p->control.fd >= 0)
        want(&w->readable, p->control.fd, w);
    for (struct connection *c = p->connections; c; c = c->next) {
        wait_for_way(w, &c->out);
        wait_for_way(w, &c->back);
    }
    left = w->due ? w->due - now() : 0;
    if (left > 0) {
        rest.tv_sec = left / SECOND;
        rest.tv_nsec = left % SECOND;
    }
    if (pselect(w->highest + 1, &w->readable, &w->writable, NULL, w->due ? &rest : NULL, mask) >= 0)
        return true;
    FD_ZERO(&w->readable);
    return errno == EINTR;
}

static void serve_way(struct proxy *p, struct connection *c, struct way *w, struct waiting *wait)
{
    if (!c->over && !w->ended && FD_ISSET(w->from, &wait->readable))
        take(p, c, w);
    if (!c->over)
        deliver(c, w);
}

static int serve(struct proxy *p)
{
    struct sigaction on_hangup;
    struct waiting wait;
    sigset_t hangup, before;

    memset(&on_hangup, 0, sizeof(on_hangup));
    on_hangup.sa_handler = finish;
    sigemptyset(&hangup);
    sigaddset(&hangup, SIGHUP);
    if (sigprocmask(SIG_BLOCK, &hangup, &before) || sigaction(SIGHUP, &on_hangup, NULL))
        return 1;
    sigdelset(&before, SIGHUP);
    while (!finishing || p->connections) {
        if (!wait_for_any(p, &wait, &before))
            return 1;
        for (struct connection *c = p->connections; c; c = c->next) {
            serve_way(p, c, &c->out, &wait);
            serve_way(p, c, &c->back, &wait);
        }
        remove_ended(p);
        if (FD_ISSET(p->listener, &wait.readable))
            admit(p);
        if (p->control.fd >= 0 && FD_ISSET(p->control.fd, &wait.readable))
            obey(p);
    }
    report(p->report, &p->totals);
    return 0;
}

int main(int argc, char **argv)
{
    struct proxy p = {.connections = NULL};
    unsigned port = 0;

    if (argc < 4)
        return 64;
    p.host = argv[1];
    p.port = argv[2];
    p.report = argv[3];
    p.cut = argc > 4 ? strtoul(argv[4], NULL, 10) : 0;
    p.control.fd = argc > 4 && strcmp(argv[4], "-") == 0 ? STDIN_FILENO : -1;
    p.half = argc > 5 ? (int64_t)(strtod(argv[5], NULL) * (double)(SECOND / 2000)) : 0;
    p.listener = listen_any(&port);
    if (p.listener < 0)
        return 1;
    report(p.report, &p.totals);
    printf("%u\n", port);
    fflush(stdout);
    return serve(&p);
}
