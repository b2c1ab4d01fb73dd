#ifndef CMALLOCSTATISTICS_H
#define CMALLOCSTATISTICS_H

#include <stdbool.h>
#include <stddef.h>

/// What the C library's allocator holds over all its arenas, in bytes.
struct malloc_statistics {
  size_t arena;
  size_t mapped;
  size_t used_in_arenas;
  size_t free_in_arenas;
  size_t releasable;
};

/// False where the C library does not say; glibc does since 2.33.
bool malloc_statistics_read(struct malloc_statistics *statistics);

#endif
