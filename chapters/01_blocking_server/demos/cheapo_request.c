/* cheapo_request.c - prints what a web server answers.
 *
 *     cheapo_request HOST [PORT [PATH]] */
#include "chapters/01_blocking_server/request.h"

#include <stdio.h>
#include <string.h>

int main(int count, char **arguments)
{
    struct response response;

    if (count < 2) {
        fprintf(stderr, "usage: cheapo_request HOST [PORT [PATH]]\n");
        return 2;
    }
    const char *port = count > 2 ? arguments[2] : "80";
    const char *path = count > 3 ? arguments[3] : "/";
    int error = cheapo_request(arguments[1], port, path, &response);

    if (error < 0) {
        fprintf(stderr, "cheapo_request: %s\n", strerror(-error));
        return 1;
    }
    fwrite(response.bytes, 1, response.length, stdout);
    response_end(&response);
    return 0;
}
