/* Waiting for readers that leave no trace but two plain stores each. */
#include <sched.h>

#include "arena.h"

#if defined(__linux__)
#include <sys/syscall.h>
#include <unistd.h>

/* Of linux/membarrier.h, which not every system has installed. */
enum { barrier_expedited = 1 << 3, barrier_register = 1 << 4 };
#endif

bool metric_sections_need_fence = true;

/* The kernel is asked before any thread can be in a section, so that all of them agree on who fences. */
__attribute__((constructor)) static void choose(void) {
#if defined(__linux__) && defined(SYS_membarrier)
  metric_sections_need_fence = syscall(SYS_membarrier, barrier_register, 0) != 0;
#endif
}

bool metric_sections_wait(void) {
  if (metric_thread.section != NULL && (__atomic_load_n(metric_thread.section, __ATOMIC_RELAXED) & 1) != 0) {
    return false;
  }
  /* Whoever begins a section after this sees what was unlinked before it. */
  __atomic_thread_fence(__ATOMIC_SEQ_CST);
#if defined(__linux__) && defined(SYS_membarrier)
  /* Refused later than at the start, by a filter or for want of memory: nothing is known of the readers then. */
  if (!metric_sections_need_fence && syscall(SYS_membarrier, barrier_expedited, 0) != 0) return false;
#endif
  /* Arenas are only added, and one that is added now has begun no section before. */
  for (size_t number = 0;; number++) {
    pthread_mutex_lock(&metric_lock);
    uint64_t *section = number < metric_arenas_count ? &metric_arenas[number]->section : NULL;
    pthread_mutex_unlock(&metric_lock);
    if (section == NULL) return true;
    uint64_t seen = __atomic_load_n(section, __ATOMIC_ACQUIRE);
    while ((seen & 1) != 0 && __atomic_load_n(section, __ATOMIC_ACQUIRE) == seen) sched_yield();
  }
}
