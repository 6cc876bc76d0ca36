// plain_calls.cc - calls that the explorer's kernel answers and a gate does
// not: the code under test is built for both.
#include <sys/epoll.h>
#include <unistd.h>

extern "C" {

int __real_close(int descriptor);
int __real_epoll_create1(int flags);

int __wrap_close(int descriptor) { return __real_close(descriptor); }

int __wrap_epoll_create1(int flags) { return __real_epoll_create1(flags); }

}  // extern "C"
