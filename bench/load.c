/* load.c - the other end of an echo server: many connections, one request of
 * 64 bytes under way on each.
 *
 *     load connections=50 requests=200000 warmup=20000 seconds=30 -- PROGRAM...
 *
 * Starts the server, and ends it by closing its input. Latencies go into a
 * histogram of buckets that are 1/64 wide, so a quantile is right to 1.6%.
 * See README.md for what it prints. */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum {
    REQUEST = 64,
    EVENTS = 256,
    /* What is below 128 has a bucket of its own; of each power of two above,
     * 64 buckets, up to the largest value there is. */
    STEPS = 128,
    BUCKETS = STEPS / 2 * 60,
};

struct connection {
    int descriptor;
    int received;  /* of the answer */
    int64_t since; /* when the request was written */
};

struct usage {
    long user, system; /* microseconds */
    long rss, peak;    /* bytes */
};

struct server {
    pid_t process;
    FILE *input, *output;
    uint16_t port;
};

static long connections = 50, requests = 200000, warmup = 20000, seconds = 30;
static struct connection *all;
static int epoll;
static uint64_t histogram[BUCKETS];
static int64_t slowest;

static void fail(const char *what)
{
    fprintf(stderr, "load: %s: %s\n", what, strerror(errno));
    exit(1);
}

static int64_t now(void)
{
    struct timespec time;

    clock_gettime(CLOCK_MONOTONIC, &time);
    return (int64_t)time.tv_sec * 1000000000 + time.tv_nsec;
}

/* ------------------------------------------------------------ the histogram */

static size_t bucket_of(int64_t value)
{
    uint64_t bits = (uint64_t)value;
    int shift = bits < STEPS ? 0 : 57 - __builtin_clzll(bits);

    return (size_t)(shift * STEPS / 2) + (size_t)(bits >> shift);
}

/* The lowest value of a bucket. */
static int64_t value_of(size_t bucket)
{
    if (bucket < STEPS)
        return (int64_t)bucket;
    size_t shift = bucket / (STEPS / 2) - 1;

    return (int64_t)((bucket - shift * (STEPS / 2)) << shift);
}

static void record(int64_t value)
{
    histogram[bucket_of(value)]++;
    if (value > slowest)
        slowest = value;
}

static int64_t quantile(double part)
{
    uint64_t total = 0, sum = 0;

    for (size_t i = 0; i < BUCKETS; i++)
        total += histogram[i];
    for (size_t i = 0; i < BUCKETS; i++) {
        sum += histogram[i];
        if ((double)sum >= part * (double)total)
            return value_of(i);
    }
    return 0;
}

/* --------------------------------------------------------------- the server */

static void run_server(char **command, int input, int output)
{
    dup2(input, STDIN_FILENO);
    dup2(output, STDOUT_FILENO);
    execvp(command[0], command);
    _exit(errno == ENOENT ? 3 : 1);
}

/* The exit status of a server that has ended too early is ours, too. */
static void server_lost(struct server *server)
{
    int status = 0;

    waitpid(server->process, &status, 0);
    exit(WIFEXITED(status) && WEXITSTATUS(status) != 0 ? WEXITSTATUS(status)
                                                       : 1);
}

static void server_start(struct server *server, char **command)
{
    int input[2], output[2], port;

    /* Not for the child: its input would never end if it had our end, too. */
    if (pipe2(input, O_CLOEXEC) < 0 || pipe2(output, O_CLOEXEC) < 0)
        fail("pipe");
    server->process = fork();
    if (server->process < 0)
        fail("fork");
    if (server->process == 0)
        run_server(command, input[0], output[1]);
    close(input[0]);
    close(output[1]);
    server->input = fdopen(input[1], "w");
    server->output = fdopen(output[0], "r");
    /* No space at the end of a format: it would wait for what comes next. */
    if (fscanf(server->output, "port %d -", &port) != 1)
        server_lost(server);
    server->port = (uint16_t)port;
}

static struct usage server_usage(struct server *server)
{
    struct usage usage;

    fputs("usage\n", server->input);
    fflush(server->input);
    if (fscanf(server->output,
               " user %ld us system %ld us rss %ld bytes peak %ld bytes",
               &usage.user, &usage.system, &usage.rss, &usage.peak) != 4)
        server_lost(server);
    return usage;
}

static void server_end(struct server *server)
{
    fclose(server->input);
    waitpid(server->process, NULL, 0);
}

/* ---------------------------------------------------------- the connections */

static void request(struct connection *connection)
{
    static const char bytes[REQUEST] = "64 bytes";

    connection->received = 0;
    connection->since = now();
    if (write(connection->descriptor, bytes, REQUEST) != REQUEST)
        fail("write");
}

static void connect_one(struct connection *connection, uint16_t port)
{
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_port = htons(port),
                                  .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    struct epoll_event event = {EPOLLIN, {.ptr = connection}};
    int yes = 1;

    connection->descriptor = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (connection->descriptor < 0 ||
        connect(connection->descriptor, (struct sockaddr *)&address,
                sizeof address) < 0)
        fail("connect");
    setsockopt(connection->descriptor, IPPROTO_TCP, TCP_NODELAY, &yes,
               sizeof yes);
    fcntl(connection->descriptor, F_SETFL, O_NONBLOCK);
    if (epoll_ctl(epoll, EPOLL_CTL_ADD, connection->descriptor, &event) < 0)
        fail("epoll_ctl");
}

/* True if the answer is complete. */
static bool receive(struct connection *connection)
{
    char bytes[REQUEST];
    ssize_t count = read(connection->descriptor, bytes, sizeof bytes);

    if (count < 0 && errno == EAGAIN)
        return false;
    if (count <= 0)
        fail("read");
    connection->received += (int)count;
    return connection->received >= REQUEST;
}

/* As many answers as there are; how many. Each is followed by a request. */
static long turn(bool records)
{
    struct epoll_event events[EVENTS];
    int count = epoll_wait(epoll, events, EVENTS, 5000);
    long answers = 0;

    if (count == 0) {
        fprintf(stderr, "load: no answer for five seconds\n");
        exit(1);
    }
    for (int i = 0; i < count; i++) {
        struct connection *connection = events[i].data.ptr;

        if (!receive(connection))
            continue;
        if (records)
            record(now() - connection->since);
        answers++;
        request(connection);
    }
    return answers;
}

/* ---------------------------------------------------------------- the whole */

static void report(long count, int64_t wall, const struct usage *before,
                   const struct usage *after)
{
    double user = (double)(after->user - before->user) * 1e3;
    double system = (double)(after->system - before->system) * 1e3;

    printf("wall %.1f ns\n", (double)wall / (double)count);
    printf("throughput %.0f 1/s\n", (double)count * 1e9 / (double)wall);
    printf("p50 %.1f us\n", (double)quantile(0.50) / 1e3);
    printf("p99 %.1f us\n", (double)quantile(0.99) / 1e3);
    printf("max %.1f us\n", (double)slowest / 1e3);
    printf("user %.1f ns\n", user / (double)count);
    printf("system %.1f ns\n", system / (double)count);
    printf("cpu %.1f ns\n", (user + system) / (double)count);
    printf("ops %ld count\n", count);
}

static void measure(struct server *server)
{
    struct usage before = server_usage(server);
    int64_t start = now();
    long count = 0;

    while (count < requests && now() - start < seconds * 1000000000)
        count += turn(true);
    int64_t wall = now() - start;
    struct usage after = server_usage(server);

    report(count, wall, &before, &after);
}

static void load(char **command)
{
    struct server server;

    server_start(&server, command);
    struct usage empty = server_usage(&server);

    for (long i = 0; i < connections; i++)
        connect_one(&all[i], server.port);
    for (long i = 0; i < connections; i++)
        request(&all[i]);
    /* Each has had its turn before memory counts. */
    for (long i = 0; i < warmup || i < 2 * connections;)
        i += turn(false);
    struct usage full = server_usage(&server);

    measure(&server);
    printf("memory %.1f bytes\n",
           (double)(full.rss - empty.rss) / (double)connections);
    server_end(&server);
}

static void parse(const char *text)
{
    const struct {
        const char *key;
        long *value;
    } keys[] = {{"connections=", &connections},
                {"requests=", &requests},
                {"warmup=", &warmup},
                {"seconds=", &seconds}};

    for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++)
        if (strncmp(text, keys[i].key, strlen(keys[i].key)) == 0)
            *keys[i].value = atol(text + strlen(keys[i].key));
}

int main(int count, char **arguments)
{
    int i = 1;

    for (; i < count && strcmp(arguments[i], "--") != 0; i++)
        parse(arguments[i]);
    if (i + 1 >= count || connections < 1) {
        fprintf(stderr, "usage: load [key=value ...] -- PROGRAM ...\n");
        return 2;
    }
    signal(SIGPIPE, SIG_IGN);
    all = calloc((size_t)connections, sizeof *all);
    epoll = epoll_create1(EPOLL_CLOEXEC);
    if (all == NULL || epoll < 0)
        fail("start");
    load(arguments + i + 1);
    return 0;
}
