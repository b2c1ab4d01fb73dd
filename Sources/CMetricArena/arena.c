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

/* No two threads' sections share a cache line, nor a pair of them, which processors fetch together. */
enum { apart = 128 };

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
  void *arena = NULL;
  if (posix_memalign(&arena, apart, sizeof(struct metric_arena)) != 0) return NULL;
  memset(arena, 0, sizeof(struct metric_arena));
  metric_arenas[metric_arenas_count++] = arena;
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
    metric_thread.cells = arena->cells;
    metric_thread.count = arena->count;
    metric_thread.section = &arena->section;
  }
  pthread_mutex_unlock(&metric_lock);
  return own;
}

enum { smallest_capacity = 8 * METRIC_BLOCK_SLOTS };

/* Lets the arena have all cells of slots that were given out; with the lock held. */
static bool extend(struct metric_arena *arena) {
  const size_t largest = SIZE_MAX / sizeof(uint64_t);
  size_t count = metric_slots_opened();
  if (count > arena->capacity) {
    size_t capacity = arena->capacity == 0 ? smallest_capacity : arena->capacity;
    while (capacity < count && capacity <= largest) capacity *= 2;
    if (capacity > largest) return false;
    uint64_t *cells = metric_pages_grow(
        arena->cells, arena->capacity * sizeof(uint64_t), capacity * sizeof(uint64_t));
    if (cells == NULL) return false;
    arena->cells = cells;
    arena->capacity = capacity;
  }
  arena->count = (uint32_t)count;
  return true;
}

uint64_t *metric_cell_slow(uint32_t slot) {
  if (slot == METRIC_NO_SLOT) return NULL;
  struct metric_arena *arena = enter();
  if (arena == NULL) return NULL;
  pthread_mutex_lock(&metric_lock);
  if (slot >= arena->count && extend(arena)) {
    metric_thread.cells = arena->cells;
    metric_thread.count = arena->count;
  }
  uint64_t *cell = metric_arena_cell(arena, slot);
  pthread_mutex_unlock(&metric_lock);
  return cell;
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
