/* main.c - libuv's side of the benchmarks: the echo server.
 *
 * As uv_try_write() is meant for: an answer that the kernel takes at once costs
 * no request. One buffer serves all connections, since it is free again when
 * the read's callback returns; what is left over is copied. */
#include "../../usage.h"

#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <uv.h>

struct answer {
    uv_write_t request;
    char bytes[];
};

static char buffer[2048];

static void lend_buffer(uv_handle_t *handle, size_t size, uv_buf_t *buf)
{
    (void)handle, (void)size;
    *buf = uv_buf_init(buffer, sizeof buffer);
}

static void free_handle(uv_handle_t *handle)
{
    free(handle);
}

static void after_write(uv_write_t *request, int status)
{
    (void)status;
    free(request);
}

static void write_later(uv_stream_t *stream, const char *bytes, size_t count)
{
    struct answer *answer = malloc(sizeof *answer + count);
    uv_buf_t buf;

    if (answer == NULL)
        abort();
    memcpy(answer->bytes, bytes, count);
    buf = uv_buf_init(answer->bytes, (unsigned)count);
    uv_write(&answer->request, stream, &buf, 1, after_write);
}

static void after_read(uv_stream_t *stream, ssize_t count, const uv_buf_t *buf)
{
    if (count < 0) {
        uv_close((uv_handle_t *)stream, free_handle);
    } else if (count > 0) {
        uv_buf_t all = uv_buf_init(buf->base, (unsigned)count);
        int written = uv_try_write(stream, &all, 1);

        if (written < 0)
            written = 0;
        if (written < count)
            write_later(stream, buf->base + written, (size_t)(count - written));
    }
}

static void on_connection(uv_stream_t *listener, int status)
{
    uv_tcp_t *stream = malloc(sizeof *stream);

    if (status < 0 || stream == NULL)
        abort();
    uv_tcp_init(listener->loop, stream);
    uv_accept(listener, (uv_stream_t *)stream);
    uv_read_start((uv_stream_t *)stream, lend_buffer, after_read);
}

static int serve(int port)
{
    uv_loop_t *loop = uv_default_loop();
    struct sockaddr_in address;
    int size = sizeof address;
    uv_tcp_t listener;

    uv_ip4_addr("127.0.0.1", port, &address);
    uv_tcp_init(loop, &listener);
    if (uv_tcp_bind(&listener, (struct sockaddr *)&address, 0) < 0 ||
        uv_listen((uv_stream_t *)&listener, SOMAXCONN, on_connection) < 0 ||
        uv_tcp_getsockname(&listener, (struct sockaddr *)&address, &size) < 0)
        return 1;
    printf("port %d -\n", ntohs(address.sin_port));
    fflush(stdout);
    answer_usage();
    return uv_run(loop, UV_RUN_DEFAULT);
}

int main(int count, char **arguments)
{
    int port = 0;

    if (count == 2 && strcmp(arguments[1], "version") == 0)
        return puts(uv_version_string()) < 0;
    if (count < 2 || strcmp(arguments[1], "echo") != 0)
        return 3;
    for (int i = 2; i < count; i++) {
        if (strncmp(arguments[i], "port=", 5) == 0)
            port = atoi(arguments[i] + 5);
        if (strcmp(arguments[i], "flavor=multi") == 0)
            return 3; /* a loop is one thread */
    }
    return serve(port);
}
