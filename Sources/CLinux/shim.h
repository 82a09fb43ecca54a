// Linux calls that Swift's Glibc module leaves out. Each is named by its manual page.
#pragma once
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/inotify.h>
#include <sys/statfs.h>
#include <sys/statvfs.h>
#include <sys/timerfd.h>
#include <sys/socket.h>
#include <sys/types.h>
#include <sys/un.h>
#include <sys/file.h>
#include <linux/magic.h>
#include <sys/prctl.h>

// prctl(2) is variadic, which Swift cannot call. At most 15 bytes of the name are kept.
static inline void clinux_name_thread(const char *name) { prctl(PR_SET_NAME, name, 0, 0, 0); }

// Declared only under _GNU_SOURCE, which Swift's importer does not set: accept4(2) and memmem(3).
extern int accept4(int, struct sockaddr *, socklen_t *, int);
extern void *memmem(const void *, size_t, const void *, size_t);

static inline int clinux_accept(int listener) { return accept4(listener, 0, 0, SOCK_NONBLOCK | SOCK_CLOEXEC); }
static inline const void *clinux_find(const void *bytes, size_t size, const void *part, size_t part_size) {
    return memmem(bytes, size, part, part_size);
}
