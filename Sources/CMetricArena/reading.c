/* Sums over all arenas. */
#include <sched.h>

#include "arena.h"

uint32_t metric_gate;

/* As many slots as are read before others may have the lock. */
enum { batch = 1024 };

static double as_double(uint64_t bits) {
  union {
    uint64_t bits;
    double value;
  } cell = {.bits = bits};
  return cell.value;
}

void metric_sums(const uint32_t *slots, uint64_t *sums, size_t count) {
  for (size_t start = 0; start < count; start += batch) {
    size_t end = count - start < batch ? count : start + batch;
    for (size_t index = start; index < end; index++) sums[index] = 0;
    pthread_mutex_lock(&metric_lock);
    for (size_t number = 0; number < metric_arenas_count; number++) {
      for (size_t index = start; index < end; index++) {
        uint64_t *cell = metric_arena_cell(metric_arenas[number], slots[index]);
        if (cell != NULL) sums[index] += __atomic_load_n(cell, __ATOMIC_RELAXED);
      }
    }
    pthread_mutex_unlock(&metric_lock);
  }
}

void metric_sums_double(const uint32_t *slots, double *sums, size_t count) {
  for (size_t start = 0; start < count; start += batch) {
    size_t end = count - start < batch ? count : start + batch;
    for (size_t index = start; index < end; index++) sums[index] = 0;
    pthread_mutex_lock(&metric_lock);
    for (size_t number = 0; number < metric_arenas_count; number++) {
      for (size_t index = start; index < end; index++) {
        uint64_t *cell = metric_arena_cell(metric_arenas[number], slots[index]);
        if (cell != NULL) sums[index] += as_double(__atomic_load_n(cell, __ATOMIC_RELAXED));
      }
    }
    pthread_mutex_unlock(&metric_lock);
  }
}

uint64_t metric_sum(uint32_t slot) {
  uint64_t sum;
  metric_sums(&slot, &sum, 1);
  return sum;
}

double metric_sum_double(uint32_t slot) {
  double sum;
  metric_sums_double(&slot, &sum, 1);
  return sum;
}

/* Copies one arena's run as it was between two updates, and returns its sum. */
static double copy_run(const uint64_t *run, uint32_t length, uint64_t *copy) {
  for (uint32_t attempt = 0;; attempt++) {
    uint64_t before = __atomic_load_n(run, __ATOMIC_ACQUIRE);
    if ((before & 1) == 0) {
      double sum = as_double(__atomic_load_n(run + 1, __ATOMIC_RELAXED));
      for (uint32_t index = 0; index < length; index++) {
        copy[index] = __atomic_load_n(run + METRIC_RUN_HEADER + index, __ATOMIC_RELAXED);
      }
      __atomic_thread_fence(__ATOMIC_ACQUIRE);
      if (__atomic_load_n(run, __ATOMIC_RELAXED) == before) return sum;
    } else {
      sched_yield();
    }
    /* A thread that does nothing but observe would always be faster than this copy. */
    if (attempt == 8) __atomic_store_n(&metric_gate, 1, __ATOMIC_RELAXED);
  }
}

double metric_run_read(uint32_t slot, uint32_t length, uint64_t *counts, uint64_t *scratch) {
  double sum = 0;
  pthread_mutex_lock(&metric_lock);
  for (size_t number = 0; number < metric_arenas_count; number++) {
    uint64_t *run = metric_arena_cell(metric_arenas[number], slot);
    if (run == NULL || __atomic_load_n(run, __ATOMIC_RELAXED) == 0) continue;
    sum += copy_run(run, length, scratch);
    for (uint32_t index = 0; index < length; index++) {
      if (__builtin_add_overflow(counts[index], scratch[index], &counts[index])) counts[index] = UINT64_MAX;
    }
  }
  __atomic_store_n(&metric_gate, 0, __ATOMIC_RELAXED);
  pthread_mutex_unlock(&metric_lock);
  return sum;
}

bool metric_run_add(uint32_t slot, uint32_t index, uint64_t count, double amount) {
  uint64_t *run = metric_cell(slot);
  if (run == NULL) return true;
  uint64_t known = __atomic_load_n(run + METRIC_RUN_HEADER + index, __ATOMIC_RELAXED);
  if (known > METRIC_CELL_LIMIT || count > METRIC_CELL_LIMIT - known) return false;
  while (!metric_run_add_known(slot, index, count, amount)) {
    if (metric_cell_slow(slot) == NULL) return true;
    /* The reader that closed the gate opens it before it lets go of the lock; another may have closed it since. */
    if (__atomic_load_n(&metric_gate, __ATOMIC_RELAXED) != 0) {
      pthread_mutex_lock(&metric_lock);
      pthread_mutex_unlock(&metric_lock);
    }
  }
  return true;
}
