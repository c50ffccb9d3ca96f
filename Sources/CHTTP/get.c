#include "CHTTP.h"

#include <curl/curl.h>
#include <pthread.h>
#include <stdio.h>
#include <time.h>

typedef struct {
  CURL *easy;
  const pi_http_receiver *receiver;
  // Whether the receiver knows of the response, and whether it has had enough.
  int responded, stopped;
  // When something last arrived.
  int64_t last;
} transfer;

static int64_t milliseconds(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static const char *header(CURL *easy, const char *name) {
  struct curl_header *found;
  return curl_easy_header(easy, name, 0, CURLH_HEADER, -1, &found) == CURLHE_OK ? found->value
                                                                                 : NULL;
}

// Tells the receiver of the response, once.
static int respond(transfer *it) {
  if (it->responded) return !it->stopped;
  it->responded = 1;
  curl_off_t length = -1;
  pi_http_response response = {0};
  curl_easy_getinfo(it->easy, CURLINFO_RESPONSE_CODE, &response.status);
  curl_easy_getinfo(it->easy, CURLINFO_CONTENT_LENGTH_DOWNLOAD_T, &length);
  response.length = length;
  response.etag = header(it->easy, "ETag");
  response.last_modified = header(it->easy, "Last-Modified");
  response.content_range = header(it->easy, "Content-Range");
  response.content_type = header(it->easy, "Content-Type");
  it->stopped = !it->receiver->respond(it->receiver->context, &response);
  return !it->stopped;
}

static size_t on_header(char *bytes, size_t size, size_t count, void *context) {
  (void)bytes;
  ((transfer *)context)->last = milliseconds();
  return size * count;
}

// Called for the body behind the last redirect alone.
static size_t on_body(char *bytes, size_t size, size_t count, void *context) {
  transfer *it = context;
  it->last = milliseconds();
  if (!respond(it)) return 0;
  it->stopped = !it->receiver->receive(it->receiver->context, bytes, size * count);
  return it->stopped ? 0 : size * count;
}

static pi_http_end end_of(CURL *easy, CURLcode code) {
  long status = 0, proxy_status = 0;
  curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &status);
  curl_easy_getinfo(easy, CURLINFO_HTTP_CONNECTCODE, &proxy_status);
  // A tunnel that was refused is told like a connection that broke.
  if (code != CURLE_OK && proxy_status >= 300) return PI_HTTP_REFUSED_BY_PROXY;
  switch (code) {
    case CURLE_OK: return PI_HTTP_DONE;
    case CURLE_COULDNT_RESOLVE_HOST: return PI_HTTP_NO_NAME;
    case CURLE_COULDNT_RESOLVE_PROXY: return PI_HTTP_NO_PROXY_NAME;
    case CURLE_COULDNT_CONNECT: return PI_HTTP_NO_CONNECTION;
    case CURLE_OPERATION_TIMEDOUT: return PI_HTTP_STALLED;
    case CURLE_PARTIAL_FILE:
    case CURLE_GOT_NOTHING:
    case CURLE_RECV_ERROR:
    case CURLE_SEND_ERROR:
    case CURLE_HTTP2:
    case CURLE_HTTP2_STREAM: return PI_HTTP_CUT_OFF;
    case CURLE_TOO_MANY_REDIRECTS: return PI_HTTP_TOO_MANY_REDIRECTS;
    // Also of an answer that is no HTTP.
    case CURLE_UNSUPPORTED_PROTOCOL:
      return status / 100 == 3 ? PI_HTTP_FORBIDDEN_PROTOCOL : PI_HTTP_FAILED;
    case CURLE_PEER_FAILED_VERIFICATION: return PI_HTTP_UNTRUSTED;
    default: return PI_HTTP_FAILED;
  }
}

// Sets everything that a request is; 0 on failure.
static int set_up(
    CURL *easy, const pi_http_request *request, transfer *it, struct curl_slist **headers,
    char *error) {
  const char *protocols = request->allows_plain ? "http,https" : "https";
  int failures = 0;
#define SET(option, value) failures += curl_easy_setopt(easy, option, value) != CURLE_OK
  SET(CURLOPT_ERRORBUFFER, error);
  SET(CURLOPT_URL, request->url);
  // At first and after redirects.
  SET(CURLOPT_PROTOCOLS_STR, protocols);
  SET(CURLOPT_FOLLOWLOCATION, 1L);
  SET(CURLOPT_MAXREDIRS, request->redirects);
  SET(CURLOPT_USERAGENT, "preimage");
  SET(CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);
  SET(CURLOPT_HEADERFUNCTION, on_header);
  SET(CURLOPT_HEADERDATA, it);
  SET(CURLOPT_WRITEFUNCTION, on_body);
  SET(CURLOPT_WRITEDATA, it);
  if (request->from > 0) {
    // As headers of ours: CURLOPT_RESUME_FROM makes an error of a server that ignores it.
    char text[64];
    snprintf(text, sizeof text, "Range: bytes=%lld-", (long long)request->from);
    struct curl_slist *list = curl_slist_append(NULL, text);
    failures += list == NULL;
    *headers = list;
    if (list && request->validator) {
      char range[1024];
      const int length = snprintf(range, sizeof range, "If-Range: %s", request->validator);
      failures += length >= (int)sizeof range || !curl_slist_append(list, range);
    }
    SET(CURLOPT_HTTPHEADER, list);
  }
#undef SET
  return failures == 0;
}

// Runs the transfer until it ends or nothing has arrived for so long. libcurl's own measure of
// that, CURLOPT_LOW_SPEED_TIME, counts in seconds and not before the connection stands.
static pi_http_end run(CURLM *multi, transfer *it, int64_t patience, CURLcode *code) {
  int running = 1;
  it->last = milliseconds();
  while (running) {
    if (curl_multi_perform(multi, &running) != CURLM_OK) return PI_HTTP_FAILED;
    if (!running) break;
    const int64_t left = it->last + patience - milliseconds();
    if (left <= 0) return PI_HTTP_STALLED;
    if (curl_multi_poll(multi, NULL, 0, left < 1000 ? (int)left : 1000, NULL) != CURLM_OK) {
      return PI_HTTP_FAILED;
    }
  }
  int messages;
  const CURLMsg *message = curl_multi_info_read(multi, &messages);
  if (!message || message->msg != CURLMSG_DONE) return PI_HTTP_FAILED;
  *code = message->data.result;
  if (*code == CURLE_OK) respond(it);  // of an empty body
  return it->stopped ? PI_HTTP_STOPPED : end_of(it->easy, *code);
}

static void initialize(void) { curl_global_init(CURL_GLOBAL_DEFAULT); }

pi_http_end pi_http_get(
    const pi_http_request *request, const pi_http_receiver *receiver, char *message,
    size_t capacity) {
  static pthread_once_t once = PTHREAD_ONCE_INIT;
  pthread_once(&once, initialize);
  char error[CURL_ERROR_SIZE] = "";
  CURLcode code = CURLE_FAILED_INIT;
  pi_http_end end = PI_HTTP_FAILED;
  struct curl_slist *headers = NULL;
  CURL *easy = curl_easy_init();
  CURLM *multi = curl_multi_init();
  transfer it = {.easy = easy, .receiver = receiver};
  if (easy && multi && set_up(easy, request, &it, &headers, error) &&
      curl_multi_add_handle(multi, easy) == CURLM_OK) {
    end = run(multi, &it, request->patience, &code);
    curl_multi_remove_handle(multi, easy);
  }
  snprintf(message, capacity, "%s", error[0] ? error : curl_easy_strerror(code));
  curl_easy_cleanup(easy);
  if (multi) curl_multi_cleanup(multi);
  curl_slist_free_all(headers);
  return end;
}
