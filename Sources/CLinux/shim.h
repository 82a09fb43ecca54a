// Linux calls that Swift's Glibc module leaves out. Each is named by its manual page.
#pragma once
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/inotify.h>
#include <sys/statfs.h>
#include <sys/statvfs.h>
#include <sys/timerfd.h>
#include <sys/un.h>
#include <sys/file.h>
#include <linux/magic.h>
#include <sys/prctl.h>

// prctl(2) is variadic, which Swift cannot call. At most 15 bytes of the name are kept.
static inline void clinux_name_thread(const char *name) { prctl(PR_SET_NAME, name, 0, 0, 0); }
