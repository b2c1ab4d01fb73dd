/* Memory of arenas: as large as asked for, and yet only as much of it in use as was written to. */
#if defined(__linux__)
#define _GNU_SOURCE
#include <sys/mman.h>
#else
#include <stdlib.h>
#include <string.h>
#endif

#include "arena.h"

#if defined(__linux__)
uint64_t *metric_pages_grow(uint64_t *old, size_t old_bytes, size_t bytes) {
  void *pages = old == NULL
                    ? mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0)
                    : mremap(old, old_bytes, bytes, MREMAP_MAYMOVE);
  if (pages == MAP_FAILED) return NULL;
  /* A huge page would be in use as a whole for its first cell. Kernels without huge pages refuse, and need not. */
  if (old == NULL) (void)madvise(pages, bytes, MADV_NOHUGEPAGE);
  return pages;
}
#else
uint64_t *metric_pages_grow(uint64_t *old, size_t old_bytes, size_t bytes) {
  uint64_t *pages = calloc(1, bytes);
  if (pages == NULL || old == NULL) return pages;
  memcpy(pages, old, old_bytes);
  free(old);
  return pages;
}
#endif
