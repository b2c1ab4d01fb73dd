/* Which slots are in use. Runs never cross a block; a run that is too long for one has blocks of its own. */
#include <stdlib.h>

#include "arena.h"

/* Freed runs of one length. */
struct free_runs {
  uint32_t length;
  uint32_t *slots;
  size_t count, capacity;
};

static struct free_runs *frees;
static size_t frees_count;

/* Where the block in use has room, and how many blocks were begun. */
static uint32_t next_slot, room, blocks_opened;
static uint64_t in_use;

uint32_t metric_slots_opened(void) { return blocks_opened << METRIC_BLOCK_SHIFT; }

static struct free_runs *runs_of(uint32_t length) {
  for (size_t index = 0; index < frees_count; index++) {
    if (frees[index].length == length) return &frees[index];
  }
  struct free_runs *grown = realloc(frees, (frees_count + 1) * sizeof *grown);
  if (grown == NULL) return NULL;
  frees = grown;
  frees[frees_count] = (struct free_runs){.length = length};
  return &frees[frees_count++];
}

static void keep(uint32_t slot, uint32_t length) {
  struct free_runs *runs = runs_of(length);
  if (runs == NULL) return;
  if (runs->count == runs->capacity) {
    size_t capacity = runs->capacity == 0 ? 16 : runs->capacity * 2;
    uint32_t *grown = realloc(runs->slots, capacity * sizeof *grown);
    /* Without memory for the note the run is not used again. */
    if (grown == NULL) return;
    runs->slots = grown;
    runs->capacity = capacity;
  }
  runs->slots[runs->count++] = slot;
}

/* Opens blocks for this many slots; the first slot, or METRIC_NO_SLOT. */
static uint32_t open_blocks(uint32_t slots) {
  uint32_t blocks = (slots + METRIC_BLOCK_SLOTS - 1) >> METRIC_BLOCK_SHIFT;
  /* The last block has METRIC_NO_SLOT in it. */
  if (blocks > (METRIC_NO_SLOT >> METRIC_BLOCK_SHIFT) - blocks_opened) return METRIC_NO_SLOT;
  uint32_t slot = blocks_opened << METRIC_BLOCK_SHIFT;
  blocks_opened += blocks;
  return slot;
}

static uint32_t allocate(uint32_t count) {
  for (size_t index = 0; index < frees_count; index++) {
    struct free_runs *runs = &frees[index];
    if (runs->length == count && runs->count > 0) return runs->slots[--runs->count];
  }
  if (count > METRIC_BLOCK_SLOTS) return open_blocks(count);
  if (count > room) {
    uint32_t slot = open_blocks(METRIC_BLOCK_SLOTS);
    if (slot == METRIC_NO_SLOT) return slot;
    for (; room > 0; room--) keep(next_slot++, 1);
    next_slot = slot;
    room = METRIC_BLOCK_SLOTS;
  }
  uint32_t slot = next_slot;
  next_slot += count;
  room -= count;
  return slot;
}

uint32_t metric_slots_allocate(uint32_t count) {
  if (count == 0 || count > INT32_MAX) return METRIC_NO_SLOT;
  pthread_mutex_lock(&metric_lock);
  uint32_t slot = allocate(count);
  if (slot != METRIC_NO_SLOT) in_use += count;
  pthread_mutex_unlock(&metric_lock);
  return slot;
}

void metric_slots_free(uint32_t slot, uint32_t count) {
  if (slot == METRIC_NO_SLOT) return;
  pthread_mutex_lock(&metric_lock);
  for (size_t index = 0; index < metric_arenas_count; index++) {
    uint64_t *cells = metric_arena_cell(metric_arenas[index], slot);
    if (cells == NULL) continue;
    /* A page that was never written to stays so. */
    for (uint32_t cell = 0; cell < count; cell++) {
      if (__atomic_load_n(cells + cell, __ATOMIC_RELAXED) != 0) __atomic_store_n(cells + cell, 0, __ATOMIC_RELAXED);
    }
  }
  keep(slot, count);
  in_use -= count;
  pthread_mutex_unlock(&metric_lock);
}

uint64_t metric_slots_in_use(void) {
  pthread_mutex_lock(&metric_lock);
  uint64_t count = in_use;
  pthread_mutex_unlock(&metric_lock);
  return count;
}
