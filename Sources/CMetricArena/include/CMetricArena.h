/*
 * Counters that many threads write without a locked instruction.
 *
 * A slot is a number that stands for one cell of 8 bytes in every thread's arena. Only the arena's own thread writes
 * to its cells; a reader adds a slot's cells up over all arenas. An arena outlives its thread: the next thread that
 * begins takes it over, with what is in it. So the arenas are always added in the same order, and a sum of doubles
 * that only grow never falls by a rounding.
 */
#ifndef CMETRICARENA_H
#define CMETRICARENA_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Slots of a block, as a power of two. A run is within a block, or is blocks of its own. */
#define METRIC_BLOCK_SHIFT 9u
#define METRIC_BLOCK_SLOTS (1u << METRIC_BLOCK_SHIFT)

/* No slot: what an allocation returns that failed. */
#define METRIC_NO_SLOT UINT32_MAX

/* What a thread's fast paths need of its arena. Only the thread itself touches it. `count` is a number of whole blocks,
 * so that a run whose first slot is below it is below it altogether; METRIC_NO_SLOT never is. */
struct metric_thread {
  uint64_t *cells;
  uint64_t *section;
  uint32_t count;
};

#if defined(__linux__)
extern _Thread_local __attribute__((tls_model("initial-exec"))) struct metric_thread metric_thread;
#else
extern _Thread_local struct metric_thread metric_thread;
#endif

/* Not zero while a reader asks writers of runs to wait for it. */
extern uint32_t metric_gate;

/* --- Slots. Safe to call from any thread. --- */

/* A run of `count` neighbouring slots whose cells are zero in all arenas; METRIC_NO_SLOT without memory. */
uint32_t metric_slots_allocate(uint32_t count);

/* Takes back a run of this length. Nobody may write to it any more. METRIC_NO_SLOT is ignored. */
void metric_slots_free(uint32_t slot, uint32_t count);

/* Slots that are in use, and arenas that were ever made. */
uint64_t metric_slots_in_use(void);
size_t metric_arena_count(void);

/* --- Writing. Updates are lost, and nothing else happens, when there is no memory for the cell. --- */

/* The cell of this thread, made when it is missing; NULL for METRIC_NO_SLOT and without memory. */
uint64_t *metric_cell_slow(uint32_t slot);

/* This thread's cell, or NULL where it has none yet. */
static inline uint64_t *metric_cell_known(uint32_t slot) {
  return __builtin_expect(slot < metric_thread.count, 1) ? metric_thread.cells + slot : NULL;
}

static inline uint64_t *metric_cell(uint32_t slot) {
  uint64_t *cell = metric_cell_known(slot);
  return __builtin_expect(cell != NULL, 1) ? cell : metric_cell_slow(slot);
}

static inline void metric_cell_add(uint64_t *cell, uint64_t amount) {
  __atomic_store_n(cell, __atomic_load_n(cell, __ATOMIC_RELAXED) + amount, __ATOMIC_RELAXED);
}

/* Processors of today hand a word from a store on to the next load at once, but only one of a general register; a chain
 * of sums is shorter through there. */
#if defined(__x86_64__)
#define METRIC_IN_GENERAL_REGISTER(word) __asm__("" : "+r"(word))
#else
#define METRIC_IN_GENERAL_REGISTER(word) ((void)(word))
#endif

static inline void metric_cell_add_double(uint64_t *cell, double amount) {
  union {
    uint64_t bits;
    double value;
  } sum;
  uint64_t word = __atomic_load_n(cell, __ATOMIC_RELAXED);
  METRIC_IN_GENERAL_REGISTER(word);
  sum.bits = word;
  sum.value += amount;
  word = sum.bits;
  METRIC_IN_GENERAL_REGISTER(word);
  __atomic_store_n(cell, word, __ATOMIC_RELAXED);
}

/* Adds to a slot that holds a whole number, signed or not, modulo 2^64. False, and nothing is added, where this thread
 * has no cell yet. */
static inline bool metric_add_known(uint32_t slot, uint64_t amount) {
  uint64_t *cell = metric_cell_known(slot);
  if (__builtin_expect(cell == NULL, 0)) return false;
  metric_cell_add(cell, amount);
  return true;
}

/* As metric_add_known, and makes the cell where it is missing. */
static inline void metric_add(uint32_t slot, uint64_t amount) {
  uint64_t *cell = metric_cell(slot);
  if (__builtin_expect(cell != NULL, 1)) metric_cell_add(cell, amount);
}

/* What one thread counts in one cell at most by amounts that could soon take it round: 2^63 - 1. */
#define METRIC_CELL_LIMIT ((uint64_t)INT64_MAX)

/* As metric_add; false, and nothing is added, where the cell would go beyond METRIC_CELL_LIMIT. */
static inline bool metric_add_bounded(uint32_t slot, uint64_t amount) {
  uint64_t *cell = metric_cell(slot);
  if (cell == NULL) return true;
  uint64_t known = __atomic_load_n(cell, __ATOMIC_RELAXED);
  if (known > METRIC_CELL_LIMIT || amount > METRIC_CELL_LIMIT - known) return false;
  metric_cell_add(cell, amount);
  return true;
}

/* Adds to a slot that holds a double. */
static inline void metric_add_double(uint32_t slot, double amount) {
  uint64_t *cell = metric_cell(slot);
  if (__builtin_expect(cell != NULL, 1)) metric_cell_add_double(cell, amount);
}

/*
 * A run that is read as a whole: a version, a sum, and counts. The version is odd while an update goes on.
 */
#define METRIC_RUN_HEADER 2u

/* Adds `count` to the count at `index` and `amount` to the sum, as one update of the run. False, and nothing is added,
 * where this thread has no cells for it yet, and while a reader asks writers to wait. */
static inline bool metric_run_add_known(uint32_t slot, uint32_t index, uint64_t count, double amount) {
  uint64_t *run = metric_cell_known(slot);
  if (__builtin_expect(run == NULL || __atomic_load_n(&metric_gate, __ATOMIC_RELAXED) != 0, 0)) return false;
  uint64_t version = __atomic_load_n(run, __ATOMIC_RELAXED);
  __atomic_store_n(run, version + 1, __ATOMIC_RELAXED);
  __atomic_thread_fence(__ATOMIC_RELEASE);
  metric_cell_add(run + METRIC_RUN_HEADER + index, count);
  metric_cell_add_double(run + 1, amount);
  __atomic_store_n(run, version + 2, __ATOMIC_RELEASE);
  return true;
}

/* As metric_run_add_known, but makes the cells that are missing, and waits for the reader. False, and nothing is added,
 * where the count would go beyond METRIC_CELL_LIMIT. */
bool metric_run_add(uint32_t slot, uint32_t index, uint64_t count, double amount);

/* --- Reading. --- */

/* For each of `count` slots, the sum of its cells; METRIC_NO_SLOT is zero. */
void metric_sums(const uint32_t *slots, uint64_t *sums, size_t count);
void metric_sums_double(const uint32_t *slots, double *sums, size_t count);
uint64_t metric_sum(uint32_t slot);
double metric_sum_double(uint32_t slot);

/* Adds a run's `length` counts to `counts`, which the caller has zeroed, up to UINT64_MAX, and returns its sum; both of
 * exactly the same updates in each arena. `scratch` has room for `length` numbers. */
double metric_run_read(uint32_t slot, uint32_t length, uint64_t *counts, uint64_t *scratch);

/* --- Sections: reading a structure while another thread may unlink parts of it. --- */

/* Whether the kernel orders memory for the reader, so that it needs no fence. */
extern bool metric_sections_need_fence;

uint64_t *metric_section_slow(void);

/* Begins a section; what the thread finds in it stays allocated until it ends. NULL without memory. Sections do not
 * nest, and nothing in them may wait. */
static inline uint64_t *metric_section_begin(void) {
  uint64_t *section = metric_thread.section;
  if (__builtin_expect(section == NULL, 0)) section = metric_section_slow();
  if (__builtin_expect(section == NULL, 0)) return NULL;
  __atomic_store_n(section, __atomic_load_n(section, __ATOMIC_RELAXED) + 1, __ATOMIC_RELEASE);
  if (__builtin_expect(metric_sections_need_fence, 0)) __atomic_thread_fence(__ATOMIC_SEQ_CST);
  /* No compiler moves what is done in the section, references counted included, past its ends. */
  __asm__ volatile("" ::: "memory");
  return section;
}

static inline void metric_section_end(uint64_t *section) {
  __asm__ volatile("" ::: "memory");
  __atomic_store_n(section, __atomic_load_n(section, __ATOMIC_RELAXED) + 1, __ATOMIC_RELEASE);
}

/* Returns true when every section that had begun before has ended; false, at once, from within a section. */
bool metric_sections_wait(void);

static inline void *metric_pointer_load(void *const *place) { return __atomic_load_n(place, __ATOMIC_ACQUIRE); }

static inline void metric_pointer_store(void **place, void *value) {
  __atomic_store_n(place, value, __ATOMIC_SEQ_CST);
}

/* Has the processor fetch what is there, which need not be anything. */
static inline void metric_prefetch(const void *place) { __builtin_prefetch(place); }

/* A cheap number made of the bytes that `mask` has, which holds ones for each byte of `size` that counts. Not made to
 * resist someone who chooses the bytes: use it only where a collision costs no more than a detour. */
static inline uint32_t metric_mix(const void *bytes, const uint64_t *mask, size_t size) {
  /* Bytes between fields were never written; the compiler must not reason from that. */
  __asm__ volatile("" : : "r"(bytes) : "memory");
  uint64_t mixed = 0;
  for (size_t place = 0; place < size; place += 8) {
    uint64_t word = 0;
    memcpy(&word, (const char *)bytes + place, size - place < 8 ? size - place : 8);
    mixed = (mixed ^ (word & mask[place / 8])) * 0x9E3779B97F4A7C15u;
    mixed ^= mixed >> 29;
  }
  return (uint32_t)(mixed >> 32);
}

/* --- Measuring, for benchmarks. --- */

/* The bare locked instruction, against which an update is measured. */
static inline uint64_t metric_locked_add(uint64_t *word, uint64_t amount) {
  return __atomic_fetch_add(word, amount, __ATOMIC_RELAXED);
}

#ifdef __cplusplus
}
#endif

#endif
