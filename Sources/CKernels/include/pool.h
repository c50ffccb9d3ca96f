#pragma once
#include <stddef.h>

// A pool of worker threads that lives as long as the program that uses it.
typedef struct pi_pool pi_pool;

// Starts threads - 1 workers; the caller is the remaining thread. threads >= 1.
// Returns NULL when the threads cannot be started.
pi_pool *pi_pool_create(int threads);
void pi_pool_destroy(pi_pool *pool);
int pi_pool_threads(const pi_pool *pool);
