#pragma once
#include <stddef.h>

// A pool of worker threads that lives as long as the program that uses it.
typedef struct pi_pool pi_pool;

// Starts threads - 1 workers; the caller is the remaining thread. threads >= 1.
// Returns NULL when the threads cannot be started.
pi_pool *pi_pool_create(int threads);
void pi_pool_destroy(pi_pool *pool);
int pi_pool_threads(const pi_pool *pool);

// Calls task(context, index, thread) once for each index below count and returns when all are done;
// thread is below the number of threads, and tells which scratch memory is the task's.
// What a task writes must depend on its index alone, never on the thread: then the result has the
// same bytes for any number of threads. Not reentrant.
void pi_pool_run(pi_pool *pool, size_t count,
                 void (*task)(void *context, size_t index, int thread), void *context);
