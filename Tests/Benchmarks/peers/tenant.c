// A tenant that costs little: token, REST and WebSocket on one port, so that what is measured is the client.
//
//     tenant [--latency MS]
//
// One thread on epoll. It answers a token request with 200, a POST with 201, an upgrade with 101, and each text message
// with three replies in the envelope form: started, completed, completed. It checks no token, no schema, no size. The
// first line of standard output is an object with its addresses, as `interaction-migrate sandbox` writes it. SIGTERM
// ends it; it then says on standard error how many messages it has taken over each transport.

#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { CONNECTIONS = 8192, FIRST_SPACE = 16384, LARGEST = 1 << 22, ID = 64, OPEN_REPLIES = 1 << 16 };

struct bytes {
    uint8_t *at;
    size_t count, space;
};

struct connection {
    struct bytes in, out;
    size_t sent;
    unsigned generation;
    uint32_t watched;
    int is_socket, is_leaving;
};

// A reply that is due later. All wait equally long, so that those which came first are due first.
struct reply {
    int64_t due;
    int fd;
    unsigned generation;
    uint8_t id_count;
    char id[ID];
};

static struct connection *connections[CONNECTIONS];
static struct reply *waiting;
static unsigned first_waiting, count_waiting;
static int64_t latency;
static int poller;
static unsigned long posts, messages;
static volatile sig_atomic_t is_over;

static int64_t now_us(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (int64_t)time.tv_sec * 1000000 + time.tv_nsec / 1000;
}

static void fail(const char *what) {
    perror(what);
    exit(2);
}

static void make_space(struct bytes *bytes, size_t extra) {
    if (bytes->count + extra <= bytes->space) return;
    size_t space = bytes->space ? bytes->space : FIRST_SPACE;
    while (space < bytes->count + extra) space *= 2;
    bytes->at = realloc(bytes->at, space);
    if (!bytes->at) fail("realloc");
    bytes->space = space;
}

static void append(struct bytes *bytes, const void *from, size_t count) {
    make_space(bytes, count);
    memcpy(bytes->at + bytes->count, from, count);
    bytes->count += count;
}

static void watch(int fd, struct connection *connection, uint32_t events) {
    if (connection->watched == events) return;
    struct epoll_event event = {.events = events, .data.fd = fd};
    epoll_ctl(poller, EPOLL_CTL_MOD, fd, &event);
    connection->watched = events;
}

static void hang_up(int fd) {
    struct connection *connection = connections[fd];
    close(fd);
    connection->in.count = connection->out.count = connection->sent = 0;
    connection->generation++;
    connection->is_socket = connection->is_leaving = 0;
}

// Whether the connection is still there.
static int send_all(int fd) {
    struct connection *connection = connections[fd];
    while (connection->sent < connection->out.count) {
        ssize_t count = send(fd, connection->out.at + connection->sent, connection->out.count - connection->sent, MSG_NOSIGNAL);
        if (count < 0) {
            if (errno == EAGAIN) {
                watch(fd, connection, EPOLLIN | EPOLLOUT);
                return 1;
            }
            hang_up(fd);
            return 0;
        }
        connection->sent += (size_t)count;
    }
    connection->sent = connection->out.count = 0;
    if (connection->is_leaving) {
        hang_up(fd);
        return 0;
    }
    watch(fd, connection, EPOLLIN);
    return 1;
}

// MARK: The upgrade

static uint32_t rotate(uint32_t value, int by) { return value << by | value >> (32 - by); }

// Of a text that fits two blocks, which is all that an upgrade needs.
static void sha1(const char *text, uint8_t digest[20]) {
    uint8_t blocks[128] = {0};
    size_t count = strlen(text), all = count < 56 ? 64 : 128;
    memcpy(blocks, text, count);
    blocks[count] = 0x80;
    for (int i = 0; i < 8; i++) blocks[all - 1 - (size_t)i] = (uint8_t)((uint64_t)count * 8 >> (8 * i));
    uint32_t h[5] = {0x67452301, 0xEFCDAB89, 0x98BADCFE, 0x10325476, 0xC3D2E1F0};
    for (size_t block = 0; block < all; block += 64) {
        uint32_t w[80], a = h[0], b = h[1], c = h[2], d = h[3], e = h[4];
        for (int i = 0; i < 16; i++) {
            const uint8_t *p = blocks + block + 4 * i;
            w[i] = (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
        }
        for (int i = 16; i < 80; i++) w[i] = rotate(w[i - 3] ^ w[i - 8] ^ w[i - 14] ^ w[i - 16], 1);
        for (int i = 0; i < 80; i++) {
            uint32_t f = i < 20 ? (b & c) | (~b & d) : i < 40 ? b ^ c ^ d : i < 60 ? (b & c) | (b & d) | (c & d) : b ^ c ^ d;
            static const uint32_t k[4] = {0x5A827999, 0x6ED9EBA1, 0x8F1BBCDC, 0xCA62C1D6};
            uint32_t next = rotate(a, 5) + f + e + k[i / 20] + w[i];
            e = d, d = c, c = rotate(b, 30), b = a, a = next;
        }
        h[0] += a, h[1] += b, h[2] += c, h[3] += d, h[4] += e;
    }
    for (int i = 0; i < 20; i++) digest[i] = (uint8_t)(h[i / 4] >> (24 - 8 * (i % 4)));
}

static void base64(const uint8_t *from, int count, char *to) {
    static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    for (int i = 0; i < count; i += 3, to += 4) {
        uint32_t bits = (uint32_t)from[i] << 16 | (i + 1 < count ? (uint32_t)from[i + 1] << 8 : 0) | (i + 2 < count ? from[i + 2] : 0);
        for (int j = 0; j < 4; j++) to[j] = i + j <= count ? letters[bits >> (18 - 6 * j) & 63] : '=';
    }
    *to = 0;
}

static void upgrade(struct connection *connection, const char *key, size_t key_count) {
    char text[100], accept[32];
    uint8_t digest[20];
    snprintf(text, sizeof text, "%.*s258EAFA5-E914-47DA-95CA-C5AB0DC85B11", (int)key_count, key);
    sha1(text, digest);
    base64(digest, 20, accept);
    char answer[300];
    int count = snprintf(answer, sizeof answer,
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        "Sec-WebSocket-Accept: %s\r\nSec-WebSocket-Protocol: optave-v1\r\n\r\n", accept);
    append(&connection->out, answer, (size_t)count);
    connection->is_socket = 1;
}

// MARK: Answers

static void frame(struct bytes *out, const char *text, size_t count) {
    uint8_t head[4] = {0x81, (uint8_t)count};
    size_t size = 2;
    if (count > 125) head[1] = 126, head[2] = (uint8_t)(count >> 8), head[3] = (uint8_t)count, size = 4;
    append(out, head, size);
    append(out, text, count);
}

static void answer_http(struct bytes *out, const char *status, const char *body) {
    char head[200];
    int count = snprintf(head, sizeof head, "HTTP/1.1 %s\r\nContent-Type: application/json\r\nContent-Length: %zu\r\n\r\n",
        status, strlen(body));
    append(out, head, (size_t)count);
    append(out, body, strlen(body));
}

static void answer_message(struct bytes *out, const struct reply *reply) {
    static const char *const parts[3][2] = {
        {"sentiment", "started"}, {"sentiment", "completed"}, {"risk", "completed"}};
    for (int i = 0; i < 3; i++) {
        char text[500];
        int count = snprintf(text, sizeof text,
            "{\"action\":\"message\",\"headers\":{\"correlationId\":\"%.*s\",\"action\":\"interaction\","
            "\"schemaRef\":\"optave.response.v3\"},\"payload\":{\"action\":\"superpower\",\"actionType\":\"%s\","
            "\"state\":\"%s\",\"message\":{\"results\":[%s]}}}",
            reply->id_count, reply->id, parts[i][0], parts[i][1],
            i ? "{\"response\":[{\"content\":\"the customer asks for an order\"}]}" : "");
        frame(out, text, (size_t)count);
    }
}

static void answer(int fd, const struct reply *reply) {
    struct connection *connection = connections[fd];
    if (connection->generation != reply->generation) return;
    if (connection->is_socket) answer_message(&connection->out, reply);
    else answer_http(&connection->out, "201 Created",
        "{\"action\":\"superpower\",\"actionType\":\"sentiment\",\"state\":\"started\",\"message\":{\"results\":[]}}");
}

static void reply_to(int fd, const char *id, size_t id_count) {
    struct reply reply = {.due = now_us() + latency, .fd = fd, .generation = connections[fd]->generation};
    reply.id_count = (uint8_t)(id_count < ID ? id_count : ID);
    if (reply.id_count) memcpy(reply.id, id, reply.id_count);
    if (!latency) {
        answer(fd, &reply);
        return;
    }
    if (count_waiting == OPEN_REPLIES) {
        fprintf(stderr, "tenant: too many replies wait\n");
        exit(2);
    }
    waiting[(first_waiting + count_waiting++) % OPEN_REPLIES] = reply;
}

static void answer_due(void) {
    int64_t now = now_us();
    while (count_waiting && waiting[first_waiting].due <= now) {
        struct reply *reply = &waiting[first_waiting];
        first_waiting = (first_waiting + 1) % OPEN_REPLIES;
        count_waiting--;
        answer(reply->fd, reply);
        // Replies to one connection that are due together leave together.
        int isSame = count_waiting && waiting[first_waiting].fd == reply->fd && waiting[first_waiting].due <= now;
        if (!isSame && connections[reply->fd]->generation == reply->generation) send_all(reply->fd);
    }
}

// MARK: Requests and frames: how many bytes were taken, 0 if more must come, -1 for what is none

static const char *header(const char *head, size_t count, const char *name, size_t *value_count) {
    size_t name_count = strlen(name);
    const char *end = head + count, *line = head;
    while ((line = memchr(line, '\n', (size_t)(end - line))) && ++line + name_count < end) {
        if (strncasecmp(line, name, name_count) || line[name_count] != ':') continue;
        const char *value = line + name_count + 1, *stop = memchr(value, '\r', (size_t)(end - value));
        while (value < stop && *value == ' ') value++;
        *value_count = (size_t)(stop - value);
        return value;
    }
    return NULL;
}

static long take_request(int fd, const uint8_t *bytes, size_t count) {
    const char *head = (const char *)bytes, *end = memmem(bytes, count, "\r\n\r\n", 4);
    if (!end) return count > 65536 ? -1 : 0;
    size_t head_count = (size_t)(end - head) + 4, value_count;
    if (!memcmp(head, "GET ", 4)) {
        const char *key = header(head, head_count, "Sec-WebSocket-Key", &value_count);
        if (!key || value_count > 40) return -1;
        upgrade(connections[fd], key, value_count);
        return (long)head_count;
    }
    const char *length = header(head, head_count, "Content-Length", &value_count);
    size_t body = length ? strtoul(length, NULL, 10) : 0;
    if (body > LARGEST) return -1;
    if (count < head_count + body) return 0;
    const char *line = memchr(head, '\r', head_count), *path = memmem(head, (size_t)(line - head), "/token", 6);
    if (path) {
        answer_http(&connections[fd]->out, "200 OK",
            "{\"access_token\":\"bench.token.one\",\"token_type\":\"Bearer\",\"expires_in\":86400}");
    } else {
        posts++;
        reply_to(fd, NULL, 0);
    }
    return (long)(head_count + body);
}

static long take_frame(int fd, const uint8_t *bytes, size_t count) {
    if (count < 6) return 0;
    int opcode = bytes[0] & 0xF, is_last = bytes[0] >> 7;
    size_t head = 2, body = bytes[1] & 0x7F;
    if (!(bytes[1] & 0x80)) return -1;
    if (body == 126) {
        head = 4;
        body = (size_t)bytes[2] << 8 | bytes[3];
    } else if (body == 127) {
        if (count < 14) return 0;
        head = 10;
        body = 0;
        for (int i = 2; i < 10; i++) body = body << 8 | bytes[i];
    }
    if (body > LARGEST) return -1;
    if (count < head + 4 + body) return 0;
    const uint8_t *mask = bytes + head, *masked = mask + 4;
    char start[512];
    size_t start_count = body < sizeof start ? body : sizeof start;
    for (size_t i = 0; i < start_count; i++) start[i] = (char)(masked[i] ^ mask[i & 3]);
    struct bytes *out = &connections[fd]->out;
    if (opcode == 1) {
        // The id stands at the beginning, where clients of this wire put it.
        static const char key[] = "\"correlationId\"";
        const char *id = memmem(start, start_count, key, sizeof key - 1), *stop = start + start_count;
        if (id) id = memchr(id + sizeof key - 1, '"', (size_t)(stop - id) - sizeof key + 1);
        const char *end = id ? memchr(id + 1, '"', (size_t)(stop - id) - 1) : NULL;
        if (!end) return -1;
        messages++;
        reply_to(fd, id + 1, (size_t)(end - id) - 1);
    } else if (opcode == 8) {
        uint8_t close[2] = {0x88, 0};
        append(out, close, 2);
        connections[fd]->is_leaving = 1;
    } else if (opcode == 9 && is_last && body < 126) {
        uint8_t pong[2] = {0x8A, (uint8_t)body};
        append(out, pong, 2);
        append(out, start, body);
    }
    return (long)(head + 4 + body);
}

static void receive(int fd) {
    struct connection *connection = connections[fd];
    make_space(&connection->in, 65536);
    ssize_t got = recv(fd, connection->in.at + connection->in.count, connection->in.space - connection->in.count, 0);
    if (got <= 0) {
        if (got == 0 || (errno != EAGAIN && errno != EINTR)) hang_up(fd);
        return;
    }
    connection->in.count += (size_t)got;
    size_t at = 0;
    while (at < connection->in.count) {
        const uint8_t *rest = connection->in.at + at;
        size_t count = connection->in.count - at;
        long taken = connection->is_socket ? take_frame(fd, rest, count) : take_request(fd, rest, count);
        if (taken < 0) {
            hang_up(fd);
            return;
        }
        if (!taken) break;
        at += (size_t)taken;
    }
    if (at) memmove(connection->in.at, connection->in.at + at, connection->in.count - at);
    connection->in.count -= at;
    if (connection->out.count) send_all(fd);
}

static void welcome(int listener) {
    int fd;
    while ((fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC)) >= 0) {
        if (fd >= CONNECTIONS) {
            close(fd);
            continue;
        }
        int one = 1;
        setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
        if (!connections[fd] && !(connections[fd] = calloc(1, sizeof(struct connection)))) fail("calloc");
        connections[fd]->watched = EPOLLIN;
        struct epoll_event event = {.events = EPOLLIN, .data.fd = fd};
        epoll_ctl(poller, EPOLL_CTL_ADD, fd, &event);
    }
}

static void end(int signal) {
    (void)signal;
    is_over = 1;
}

int main(int count, char **arguments) {
    if (count == 3 && !strcmp(arguments[1], "--latency")) {
        latency = atoi(arguments[2]) * 1000;
    } else if (count != 1) {
        fprintf(stderr, "usage: tenant [--latency MS]\n");
        return 64;
    }
    struct sigaction action = {.sa_handler = end};
    sigaction(SIGTERM, &action, NULL);
    waiting = malloc(OPEN_REPLIES * sizeof *waiting);
    int listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof address;
    if (!waiting || listener < 0 || bind(listener, (struct sockaddr *)&address, size) || listen(listener, 1024)
        || getsockname(listener, (struct sockaddr *)&address, &size)) fail("tenant");
    unsigned port = ntohs(address.sin_port);
    printf("{\"restUrl\":\"http://127.0.0.1:%u/message/interaction\",\"tokenUrl\":\"http://127.0.0.1:%u/token\","
           "\"webSocketUrl\":\"ws://127.0.0.1:%u/\"}\n", port, port, port);
    fflush(stdout);
    poller = epoll_create1(EPOLL_CLOEXEC);
    struct epoll_event event = {.events = EPOLLIN, .data.fd = listener};
    epoll_ctl(poller, EPOLL_CTL_ADD, listener, &event);
    while (!is_over) {
        struct epoll_event events[256];
        struct timespec wait = {0};
        if (count_waiting) {
            int64_t left = waiting[first_waiting].due - now_us();
            if (left > 0) wait.tv_sec = left / 1000000, wait.tv_nsec = left % 1000000 * 1000;
        }
        int ready = epoll_pwait2(poller, events, 256, count_waiting ? &wait : NULL, NULL);
        for (int i = 0; i < ready; i++) {
            int fd = events[i].data.fd;
            if (fd == listener) {
                welcome(fd);
                continue;
            }
            if (events[i].events & EPOLLOUT && !send_all(fd)) continue;
            if (events[i].events & (EPOLLIN | EPOLLHUP | EPOLLERR)) receive(fd);
        }
        answer_due();
    }
    fprintf(stderr, "{\"posts\":%lu,\"messages\":%lu}\n", posts, messages);
    return 0;
}
