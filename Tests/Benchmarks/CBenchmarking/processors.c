/* On which processors a thread runs. */
#if defined(__linux__)
#define _GNU_SOURCE
#include <sched.h>
#endif

#include "CBenchmarking.h"

#if defined(__linux__)
size_t processors_allowed(int *processors, size_t room) {
  cpu_set_t set;
  if (sched_getaffinity(0, sizeof set, &set) != 0) return 0;
  size_t count = 0;
  for (int processor = 0; processor < CPU_SETSIZE && count < room; processor++) {
    if (CPU_ISSET(processor, &set)) processors[count++] = processor;
  }
  return count;
}

bool processors_keep_to(const int *processors, size_t count) {
  cpu_set_t set;
  CPU_ZERO(&set);
  for (size_t index = 0; index < count; index++) CPU_SET(processors[index], &set);
  return sched_setaffinity(0, sizeof set, &set) == 0;
}
#else
size_t processors_allowed(int *processors, size_t room) { return 0; }
bool processors_keep_to(const int *processors, size_t count) { return false; }
#endif
