#include "include/pool.h"

#include <pthread.h>
#include <sched.h>
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

// Spinning bridges the gaps between the operations of one iteration (microseconds). Where others want the
// processor, who waits lets them have it after a while; a longer gap means that the program is between
// runs, and the workers sleep.
enum { spins_before_yield = 2000, spins_before_sleep = 20000 };

static inline void wait_a_little(size_t spins) {
  if (spins >= spins_before_yield && spins % 100 == 0) sched_yield();
  else pause_briefly();
}

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
  atomic_size_t next;  // the first index nobody has taken
  // The number of runs so far, times `one_run`; whether the last one may still be joined; how many workers
  // have joined it and are not done. All in one, so that none joins a run that is over.
  atomic_uint_fast64_t state;
  atomic_bool ends;
};

static const uint_fast64_t one_run = (uint_fast64_t)1 << 32;
static const uint_fast64_t is_open = (uint_fast64_t)1 << 31;

static inline uint_fast64_t run_number(uint_fast64_t state) { return state / one_run; }
static inline uint_fast64_t joined(uint_fast64_t state) { return state % is_open; }

static void drain(pi_pool *pool, size_t thread) {
  for (;;) {
    size_t index = atomic_fetch_add_explicit(&pool->next, 1, memory_order_relaxed);
    if (index >= pool->count) break;
    pool->task(index, thread, pool->captures);
  }
  // What was written past the caches is in order with what follows only after a full fence.
  atomic_thread_fence(memory_order_seq_cst);
}

// Whether the run is still to be done; if so, it is waited for.
static bool join(pi_pool *pool, uint_fast64_t state) {
  while (state & is_open) {
    uint_fast64_t found = state;
    if (atomic_compare_exchange_weak_explicit(&pool->state, &found, state + 1, memory_order_acquire,
                                              memory_order_acquire))
      return true;
    if (run_number(found) != run_number(state)) return false;
    state = found;
  }
  return false;
}

static void *work(void *argument) {
  pi_pool *pool = ((worker *)argument)->pool;
  size_t thread = ((worker *)argument)->thread;
  flush_denormals();
  uint_fast64_t seen = 0;
  size_t spins = 0;
  for (;;) {
    uint_fast64_t state = atomic_load_explicit(&pool->state, memory_order_acquire);
    if (run_number(state) == seen && spins < spins_before_sleep) {
      wait_a_little(spins++);
      continue;
    }
    if (run_number(state) == seen) {
      pthread_mutex_lock(&pool->mutex);
      while (run_number(atomic_load(&pool->state)) == seen && !atomic_load(&pool->ends))
        pthread_cond_wait(&pool->wake, &pool->mutex);
      pthread_mutex_unlock(&pool->mutex);
      if (atomic_load(&pool->ends)) return NULL;
      continue;
    }
    // A run that is over when a worker wakes did without it.
    seen = run_number(state);
    spins = 0;
    if (join(pool, state)) {
      drain(pool, thread);
      atomic_fetch_sub_explicit(&pool->state, 1, memory_order_release);
    }
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
  pthread_mutex_lock(&pool->mutex);
  atomic_fetch_add_explicit(&pool->state, one_run + is_open, memory_order_release);
  pthread_cond_broadcast(&pool->wake);
  pthread_mutex_unlock(&pool->mutex);
  drain(pool, 0);
  uint_fast64_t state =
      atomic_fetch_and_explicit(&pool->state, ~is_open, memory_order_acq_rel) & ~is_open;
  for (size_t spins = 0; joined(state) > 0;
       state = atomic_load_explicit(&pool->state, memory_order_acquire)) {
    wait_a_little(spins++);
  }
}
