#include "CMallocStatistics.h"

#if defined(__has_include)
#if __has_include(<features.h>)
#include <features.h>
#endif
#endif

#if defined(__GLIBC__) && (__GLIBC__ > 2 || (__GLIBC__ == 2 && __GLIBC_MINOR__ >= 33))
#include <malloc.h>

bool malloc_statistics_read(struct malloc_statistics *statistics) {
  struct mallinfo2 numbers = mallinfo2();
  statistics->arena = numbers.arena;
  statistics->mapped = numbers.hblkhd;
  statistics->used_in_arenas = numbers.uordblks;
  statistics->free_in_arenas = numbers.fordblks;
  statistics->releasable = numbers.keepcost;
  return true;
}
#else
bool malloc_statistics_read(struct malloc_statistics *statistics) {
  (void)statistics;
  return false;
}
#endif
