#pragma once

// The calls of malloc and its relatives in this process so far, from all threads; -1 where they
// cannot be counted.
long pi_allocation_count(void);
