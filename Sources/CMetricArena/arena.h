/* What the files of this target share: the arenas and their lock. */
#ifndef METRIC_ARENA_PRIVATE_H
#define METRIC_ARENA_PRIVATE_H

#include <pthread.h>

#include "CMetricArena.h"

struct metric_arena {
  /* Neighbouring memory with room for `capacity` cells. Only the thread itself moves it, with the lock held. */
  uint64_t *cells;
  size_t capacity;
  /* Cells that the thread may use; those of whole blocks. */
  uint32_t count;
  bool is_taken;
  /* Odd while its thread is in a section. */
  uint64_t section;
};

/* Guards everything below, and the cells' place and number in every arena. */
extern pthread_mutex_t metric_lock;
extern struct metric_arena **metric_arenas;
extern size_t metric_arenas_count;

/* Slots that were ever given out, rounded up to whole blocks; with the lock held. */
uint32_t metric_slots_opened(void);

/* Zeroed memory for cells: takes `bytes` more than zero instead of `old_bytes` at `old`, whose content it keeps; NULL,
 * and nothing has changed, without memory. Memory that was never written to takes no room. */
uint64_t *metric_pages_grow(uint64_t *old, size_t old_bytes, size_t bytes);

/* An arena's cell, or NULL where its thread never wrote so far; with the lock held. */
static inline uint64_t *metric_arena_cell(const struct metric_arena *arena, uint32_t slot) {
  return slot < arena->count ? arena->cells + slot : NULL;
}

#endif
