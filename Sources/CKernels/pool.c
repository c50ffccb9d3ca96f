#include "include/pool.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>

#if defined(__x86_64__)
#include <immintrin.h>
static inline void pause_briefly(void) { _mm_pause(); }
// Denormals cost a hundred cycles each and carry nothing a picture needs.
static inline void flush_denormals(void) { _mm_setcsr(_mm_getcsr() | 0x8040); }
#else
static inline void pause_briefly(void) {}
static inline void flush_denormals(void) {}
#endif

// Spinning bridges the gaps between the operations of one iteration (microseconds); a longer gap
// means that the program is between runs, and the workers sleep.
enum { spins_before_sleep = 20000 };

// A closure of Swift's as whoever calls it sees it: code, and the place of what it captures.
typedef __attribute__((swiftcall)) void task(size_t index, size_t thread,
                                             __attribute__((swift_context)) const void *captures);

typedef struct {
  pi_pool *pool;
  pthread_t handle;
  size_t thread;
} worker;

struct pi_pool {
  int threads;
  worker *workers;
  pthread_mutex_t mutex;
  pthread_cond_t wake;
  task *task;
  const void *captures;
  size_t count;
  atomic_size_t next;        // the first index nobody has taken
  atomic_int working;        // workers that have not finished this round
  atomic_uint round;         // grows by one a run
  atomic_bool ends;
};

static void drain(pi_pool *pool, size_t thread) {
  for (;;) {
    size_t index = atomic_fetch_add_explicit(&pool->next, 1, memory_order_relaxed);
    if (index >= pool->count) break;
    pool->task(index, thread, pool->captures);
  }
  // What was written past the caches is in order with what follows only after a full fence.
  atomic_thread_fence(memory_order_seq_cst);
}

static void *work(void *argument) {
  pi_pool *pool = ((worker *)argument)->pool;
  size_t thread = ((worker *)argument)->thread;
  flush_denormals();
  unsigned seen = 0;
  for (;;) {
    int spins = 0;
    while (atomic_load_explicit(&pool->round, memory_order_acquire) == seen &&
           spins < spins_before_sleep) {
      pause_briefly();
      spins++;
    }
    pthread_mutex_lock(&pool->mutex);
    while (atomic_load(&pool->round) == seen && !atomic_load(&pool->ends))
      pthread_cond_wait(&pool->wake, &pool->mutex);
    pthread_mutex_unlock(&pool->mutex);
    if (atomic_load(&pool->ends)) return NULL;
    seen = atomic_load_explicit(&pool->round, memory_order_acquire);
    drain(pool, thread);
    atomic_fetch_sub_explicit(&pool->working, 1, memory_order_release);
  }
}

pi_pool *pi_pool_create(int threads) {
  if (threads < 1) return NULL;
  pi_pool *pool = calloc(1, sizeof *pool);
  if (!pool) return NULL;
  pool->workers = calloc((size_t)threads, sizeof *pool->workers);
  pthread_mutex_init(&pool->mutex, NULL);
  pthread_cond_init(&pool->wake, NULL);
  pool->threads = 1;
  for (int i = 1; pool->workers && i < threads; i++) {
    pool->workers[i] = (worker){.pool = pool, .thread = (size_t)i};
    if (pthread_create(&pool->workers[i].handle, NULL, work, &pool->workers[i]) != 0) break;
    pool->threads++;
  }
  if (pool->threads != threads || !pool->workers) {
    pi_pool_destroy(pool);
    return NULL;
  }
  return pool;
}

void pi_pool_destroy(pi_pool *pool) {
  if (!pool) return;
  pthread_mutex_lock(&pool->mutex);
  atomic_store(&pool->ends, true);
  pthread_cond_broadcast(&pool->wake);
  pthread_mutex_unlock(&pool->mutex);
  for (int i = 1; i < pool->threads; i++) pthread_join(pool->workers[i].handle, NULL);
  pthread_cond_destroy(&pool->wake);
  pthread_mutex_destroy(&pool->mutex);
  free(pool->workers);
  free(pool);
}

int pi_pool_threads(const pi_pool *pool) { return pool->threads; }

// Calls task(index, thread) once for each index below count and returns when all are done; thread is
// below the number of threads, and tells which scratch memory is the task's. What a task writes must
// depend on its index alone, never on the thread: then the result has the same bytes for any number of
// threads. Not reentrant.
__attribute__((swiftcall)) void pi_pool_run(pi_pool *pool, size_t count, task *task,
                                            const void *captures);

__attribute__((swiftcall)) void pi_pool_run(pi_pool *pool, size_t count, task *task,
                                            const void *captures) {
  flush_denormals();
  if (pool->threads == 1 || count <= 1) {
    for (size_t index = 0; index < count; index++) task(index, 0, captures);
    return;
  }
  pool->task = task;
  pool->captures = captures;
  pool->count = count;
  atomic_store_explicit(&pool->next, 0, memory_order_relaxed);
  atomic_store_explicit(&pool->working, pool->threads - 1, memory_order_relaxed);
  pthread_mutex_lock(&pool->mutex);
  atomic_fetch_add_explicit(&pool->round, 1, memory_order_release);
  pthread_cond_broadcast(&pool->wake);
  pthread_mutex_unlock(&pool->mutex);
  drain(pool, 0);
  while (atomic_load_explicit(&pool->working, memory_order_acquire) > 0) pause_briefly();
}
