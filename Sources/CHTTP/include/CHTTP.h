#pragma once
#include <stddef.h>
#include <stdint.h>

// A GET over HTTP or HTTPS through libcurl. Redirects are followed, proxies taken from the
// environment, certificates checked against the system's; there are no cookies and no passwords.

typedef struct {
  const char *url;
  // Whether http: is allowed, at first and after redirects; https: always is.
  int allows_plain;
  // The first byte that is asked for.
  int64_t from;
  // What the bytes before `from` were served with, an ETag or a date; or NULL.
  const char *validator;
  long redirects;
  // How long nothing may arrive, in milliseconds.
  int64_t patience;
} pi_http_request;

// The answer behind all redirects. Texts are NULL where the server does not send them; they live
// until the callback returns.
typedef struct {
  long status;
  // Of the body in bytes; negative where the server does not state it.
  int64_t length;
  const char *etag;
  const char *last_modified;
  const char *content_range;
  const char *content_type;
} pi_http_response;

// Who is told: once of the response, then of its body, piece by piece. What returns 0 ends it all.
typedef struct {
  void *context;
  int (*respond)(void *context, const pi_http_response *response);
  int (*receive)(void *context, const void *bytes, size_t count);
} pi_http_receiver;

typedef enum {
  PI_HTTP_DONE,
  // A callback returned 0.
  PI_HTTP_STOPPED,
  PI_HTTP_NO_NAME,
  PI_HTTP_NO_PROXY_NAME,
  PI_HTTP_NO_CONNECTION,
  // The proxy does not lead to the server.
  PI_HTTP_REFUSED_BY_PROXY,
  PI_HTTP_STALLED,
  // The connection ended before the body did.
  PI_HTTP_CUT_OFF,
  PI_HTTP_TOO_MANY_REDIRECTS,
  PI_HTTP_FORBIDDEN_PROTOCOL,
  PI_HTTP_UNTRUSTED,
  PI_HTTP_FAILED,
} pi_http_end;

// Runs a request to its end. `message` receives libcurl's description of a failure, cut to
// `capacity` bytes (at least 1) including the closing zero.
pi_http_end pi_http_get(
    const pi_http_request *request, const pi_http_receiver *receiver, char *message,
    size_t capacity);
