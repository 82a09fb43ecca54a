// libcurl's C interface for Swift: its functions are variadic, so each kind of argument gets a name here.
// https://curl.se/libcurl/c/
#pragma once
#define CURL_DISABLE_TYPECHECK 1
#include <curl/curl.h>
#include <stdbool.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>

#if LIBCURL_VERSION_NUM < 0x075500
#error "libcurl 7.85 or newer is needed (Debian 12, Ubuntu 24.04)"
#endif

// curl_easy_setopt(3), by the kind of its argument.
static inline CURLcode ccurl_set_long(CURL *easy, CURLoption option, long value) {
  return curl_easy_setopt(easy, option, value);
}
static inline CURLcode ccurl_set_size(CURL *easy, CURLoption option, curl_off_t value) {
  return curl_easy_setopt(easy, option, value);
}
// Strings are copied by libcurl, but for CURLOPT_POSTFIELDS.
static inline CURLcode ccurl_set_string(CURL *easy, CURLoption option, const char *value) {
  return curl_easy_setopt(easy, option, value);
}
static inline CURLcode ccurl_set_pointer(CURL *easy, CURLoption option, const void *value) {
  return curl_easy_setopt(easy, option, value);
}
static inline CURLcode ccurl_set_list(CURL *easy, CURLoption option, const struct curl_slist *value) {
  return curl_easy_setopt(easy, option, value);
}
// CURLOPT_READFUNCTION, CURLOPT_WRITEFUNCTION and CURLOPT_HEADERFUNCTION have the same shape.
static inline CURLcode ccurl_set_transfer_callback(
    CURL *easy, CURLoption option, size_t (*callback)(char *, size_t, size_t, void *)) {
  return curl_easy_setopt(easy, option, callback);
}
static inline CURLcode ccurl_set_seek_callback(CURL *easy, int (*callback)(void *, curl_off_t, int)) {
  return curl_easy_setopt(easy, CURLOPT_SEEKFUNCTION, callback);
}
static inline CURLcode ccurl_set_open_callback(
    CURL *easy, curl_socket_t (*callback)(void *, curlsocktype, struct curl_sockaddr *)) {
  return curl_easy_setopt(easy, CURLOPT_OPENSOCKETFUNCTION, callback);
}
static inline CURLcode ccurl_set_close_callback(CURL *easy, int (*callback)(void *, curl_socket_t)) {
  return curl_easy_setopt(easy, CURLOPT_CLOSESOCKETFUNCTION, callback);
}
static inline CURLcode ccurl_set_before_request_callback(
    CURL *easy, int (*callback)(void *, char *, char *, int, int)) {
  return curl_easy_setopt(easy, CURLOPT_PREREQFUNCTION, callback);
}
// CURLOPT_QUICK_EXIT came with 7.87: a resolver thread that hangs is left behind, not waited for.
static inline CURLcode ccurl_abandon_resolver(CURL *easy) {
#if LIBCURL_VERSION_NUM >= 0x075700
  return curl_easy_setopt(easy, CURLOPT_QUICK_EXIT, 1L);
#else
  (void)easy;
  return CURLE_OK;
#endif
}

// curl_easy_getinfo(3), by the kind of its result; zero or NULL when there is none.
static inline long ccurl_get_long(CURL *easy, CURLINFO info) {
  long value = 0;
  curl_easy_getinfo(easy, info, &value);
  return value;
}
static inline curl_off_t ccurl_get_size(CURL *easy, CURLINFO info) {
  curl_off_t value = 0;
  curl_easy_getinfo(easy, info, &value);
  return value;
}
static inline void *ccurl_get_pointer(CURL *easy, CURLINFO info) {
  char *value = NULL;
  curl_easy_getinfo(easy, info, &value);
  return value;
}

// curl_multi_setopt(3).
static inline CURLMcode ccurl_multi_set_long(CURLM *multi, CURLMoption option, long value) {
  return curl_multi_setopt(multi, option, value);
}
static inline CURLMcode ccurl_multi_set_socket_callback(
    CURLM *multi, int (*callback)(CURL *, curl_socket_t, int, void *, void *), void *owner) {
  CURLMcode code = curl_multi_setopt(multi, CURLMOPT_SOCKETDATA, owner);
  return code != CURLM_OK ? code : curl_multi_setopt(multi, CURLMOPT_SOCKETFUNCTION, callback);
}
static inline CURLMcode ccurl_multi_set_timer_callback(
    CURLM *multi, int (*callback)(CURLM *, long, void *), void *owner) {
  CURLMcode code = curl_multi_setopt(multi, CURLMOPT_TIMERDATA, owner);
  return code != CURLM_OK ? code : curl_multi_setopt(multi, CURLMOPT_TIMERFUNCTION, callback);
}

// The next finished transfer of curl_multi_info_read(3); false when there is none.
static inline bool ccurl_multi_next_finished(CURLM *multi, CURL **easy, CURLcode *result) {
  int left = 0;
  CURLMsg *message;
  while ((message = curl_multi_info_read(multi, &left)) != NULL) {
    if (message->msg != CURLMSG_DONE)
      continue;
    *easy = message->easy_handle;
    *result = message->data.result;
    return true;
  }
  return false;
}

// Bytes a TCP socket's peer has acknowledged and sent so far (TCP_INFO, tcp(7)); 0: no TCP socket.
// The fields follow those that glibc's struct tcp_info knows: tcpi_bytes_acked, tcpi_bytes_received in
// linux/tcp.h, since Linux 4.1.
static inline long long ccurl_tcp_bytes(curl_socket_t socket) {
  unsigned char info[256] = {0};
  socklen_t length = sizeof info;
  unsigned long long acknowledged = 0, received = 0;
  if (getsockopt(socket, IPPROTO_TCP, 11 /* TCP_INFO */, info, &length) != 0 || length < 136)
    return 0;
  memcpy(&acknowledged, info + 120, 8);
  memcpy(&received, info + 128, 8);
  return (long long)(acknowledged + received);
}
