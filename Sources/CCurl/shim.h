// libcurl's C interface for Swift. https://curl.se/libcurl/c/
#pragma once
#define CURL_DISABLE_TYPECHECK 1
#include <curl/curl.h>
