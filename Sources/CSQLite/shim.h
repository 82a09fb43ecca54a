// SQLite's C interface for Swift. https://www.sqlite.org/c3ref/intro.html
#pragma once
#include <sqlite3.h>
