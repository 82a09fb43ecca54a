// SQLite's C interface for Swift. https://www.sqlite.org/c3ref/intro.html
#pragma once
#include <sqlite3.h>

// sqlite3_config is variadic, which Swift cannot call. Without statistics SQLite takes no global lock for each
// piece of memory. Has no effect once SQLite is in use. https://www.sqlite.org/c3ref/config.html
static inline void csqlite_skip_memory_statistics(void) { sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0); }
