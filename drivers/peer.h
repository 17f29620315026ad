/* SPDX-License-Identifier: MIT */
/* Where the other end of a connection is: to this machine nobody listens in. */
#ifndef DUNLIN_DRIVERS_PEER_H
#define DUNLIN_DRIVERS_PEER_H

#include <netinet/in.h>
#include <stdbool.h>
#include <string.h>
#include <sys/socket.h>

static inline bool peer_is_loopback(const struct sockaddr_in6 *in6)
{
    const unsigned char *a = in6->sin6_addr.s6_addr;

    if (IN6_IS_ADDR_V4MAPPED(&in6->sin6_addr))
        return a[12] == 127;
    return IN6_IS_ADDR_LOOPBACK(&in6->sin6_addr);
}

/* Asks the socket and not the name, which may mean any address. What cannot be told is remote. */
static inline bool peer_is_local(int fd)
{
    struct sockaddr_storage peer;
    struct sockaddr_in in;
    struct sockaddr_in6 in6;
    socklen_t size = sizeof(peer);

    memset(&peer, 0, sizeof(peer));
    if (getpeername(fd, (struct sockaddr *)&peer, &size) != 0)
        return false;
    switch (peer.ss_family) {
    case AF_UNIX:
        return true;
    case AF_INET:
        memcpy(&in, &peer, sizeof(in));
        return ntohl(in.sin_addr.s_addr) >> 24 == 127;
    case AF_INET6:
        memcpy(&in6, &peer, sizeof(in6));
        return peer_is_loopback(&in6);
    default:
        return false;
    }
}

#endif
