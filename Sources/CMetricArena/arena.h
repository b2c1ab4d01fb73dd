/* What the files of this target share: the arenas and their lock. */
#ifndef METRIC_ARENA_PRIVATE_H
#define METRIC_ARENA_PRIVATE_H

#include <pthread.h>

#include "CMetricArena.h"

struct metric_arena {
  uint64_t **chunks;
  uint32_t chunk_count;
  bool is_taken;
  /* Odd while its thread is in a section. */
  uint64_t section;
};

/* Guards everything below, and the `chunks` of every arena. */
extern pthread_mutex_t metric_lock;
extern struct metric_arena **metric_arenas;
extern size_t metric_arenas_count;

/* Cells of the chunk with this number, in every arena; with the lock held. */
uint32_t metric_chunk_cells(uint32_t chunk);

/* An arena's cell, or NULL where its thread never wrote near it; with the lock held. */
static inline uint64_t *metric_arena_cell(const struct metric_arena *arena, uint32_t slot) {
  uint32_t chunk = slot >> METRIC_CHUNK_SHIFT;
  if (chunk >= arena->chunk_count || arena->chunks[chunk] == NULL) return NULL;
  return arena->chunks[chunk] + (slot & METRIC_CHUNK_MASK);
}

#endif
