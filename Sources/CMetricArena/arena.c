/* Each thread's arena: made or taken over at the first write, left behind at the thread's end. */
#include <stdlib.h>
#include <string.h>

#include "arena.h"

#if defined(__linux__)
_Thread_local __attribute__((tls_model("initial-exec"))) struct metric_thread metric_thread;
#else
_Thread_local struct metric_thread metric_thread;
#endif

pthread_mutex_t metric_lock = PTHREAD_MUTEX_INITIALIZER;
struct metric_arena **metric_arenas;
size_t metric_arenas_count;
static size_t arenas_capacity;

static pthread_once_t once = PTHREAD_ONCE_INIT;
static pthread_key_t key;
static bool has_key;

/* The arena of this thread, for the slow paths. */
static _Thread_local struct metric_arena *own;

/* Runs at the end of a thread. A later destructor that counts takes an arena again, and this one runs once more. */
static void leave(void *arena) {
  memset(&metric_thread, 0, sizeof metric_thread);
  own = NULL;
  pthread_mutex_lock(&metric_lock);
  ((struct metric_arena *)arena)->is_taken = false;
  pthread_mutex_unlock(&metric_lock);
}

static void make_key(void) { has_key = pthread_key_create(&key, leave) == 0; }

/* With the lock held. */
static struct metric_arena *take(void) {
  for (size_t index = 0; index < metric_arenas_count; index++) {
    if (!metric_arenas[index]->is_taken) return metric_arenas[index];
  }
  if (metric_arenas_count == arenas_capacity) {
    size_t capacity = arenas_capacity == 0 ? 16 : arenas_capacity * 2;
    struct metric_arena **grown = realloc(metric_arenas, capacity * sizeof *grown);
    if (grown == NULL) return NULL;
    metric_arenas = grown;
    arenas_capacity = capacity;
  }
  struct metric_arena *arena = calloc(1, sizeof *arena);
  if (arena != NULL) metric_arenas[metric_arenas_count++] = arena;
  return arena;
}

static struct metric_arena *enter(void) {
  if (own != NULL) return own;
  pthread_once(&once, make_key);
  if (!has_key) return NULL;
  pthread_mutex_lock(&metric_lock);
  struct metric_arena *arena = take();
  if (arena != NULL && pthread_setspecific(key, arena) == 0) {
    arena->is_taken = true;
    own = arena;
    metric_thread.chunks = arena->chunks;
    metric_thread.chunk_count = arena->chunk_count;
    metric_thread.section = &arena->section;
  }
  pthread_mutex_unlock(&metric_lock);
  return own;
}

/* Makes room for chunks up to this number; with the lock held. */
static bool extend(struct metric_arena *arena, uint32_t chunk) {
  if (chunk < arena->chunk_count) return true;
  size_t count = arena->chunk_count == 0 ? 8 : arena->chunk_count;
  while (count <= chunk) count *= 2;
  uint64_t **grown = calloc(count, sizeof *grown);
  if (grown == NULL) return false;
  if (arena->chunk_count > 0) memcpy(grown, arena->chunks, arena->chunk_count * sizeof *grown);
  free(arena->chunks);
  arena->chunks = grown;
  arena->chunk_count = (uint32_t)count;
  return true;
}

uint64_t *metric_cell_slow(uint32_t slot) {
  if (slot == METRIC_NO_SLOT) return NULL;
  struct metric_arena *arena = enter();
  if (arena == NULL) return NULL;
  uint32_t chunk = slot >> METRIC_CHUNK_SHIFT;
  pthread_mutex_lock(&metric_lock);
  if (extend(arena, chunk)) {
    if (arena->chunks[chunk] == NULL) {
      arena->chunks[chunk] = calloc(metric_chunk_cells(chunk), sizeof(uint64_t));
    }
    metric_thread.chunks = arena->chunks;
    metric_thread.chunk_count = arena->chunk_count;
  }
  uint64_t *cell = metric_arena_cell(arena, slot);
  pthread_mutex_unlock(&metric_lock);
  return cell;
}

void metric_add_slow(uint32_t slot, uint64_t amount) {
  uint64_t *cell = metric_cell_slow(slot);
  if (cell != NULL) metric_cell_add(cell, amount);
}

uint64_t *metric_section_slow(void) {
  struct metric_arena *arena = enter();
  return arena == NULL ? NULL : &arena->section;
}

size_t metric_arena_count(void) {
  pthread_mutex_lock(&metric_lock);
  size_t count = metric_arenas_count;
  pthread_mutex_unlock(&metric_lock);
  return count;
}
