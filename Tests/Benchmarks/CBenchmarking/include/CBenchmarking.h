/* What a benchmark needs of C: counting allocations, and keeping threads on processors. */
#ifndef CBENCHMARKING_H
#define CBENCHMARKING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Whether allocations are counted: only in front of glibc. */
bool allocation_count_works(void);

/* Blocks that this thread has asked for so far; what was given back does not lower it. */
uint64_t allocation_count(void);

/* The first processors that this thread may use, at most `room` of them, and how many those are; zero where the system
 * does not say. */
size_t processors_allowed(int *processors, size_t room);

/* Keeps this thread on these processors; false where the system will not have it. */
bool processors_keep_to(const int *processors, size_t count);

#endif
