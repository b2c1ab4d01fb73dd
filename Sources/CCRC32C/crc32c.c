#include "CCRC32C.h"

#include <string.h>

#include "hardware.h"
#include "tables.h"

#ifdef CCRC32C_TARGET

static inline uint64_t load64(const unsigned char *bytes) {
  uint64_t word;
  memcpy(&word, bytes, sizeof word);
  return word;
}

/*
 * The instruction has a latency of three cycles and a throughput of one: three lanes side by side keep
 * it busy, and the zeros tables join them.
 */
#define INTERLEAVED(lane, zeros)                                        \
  while (length >= 3 * (lane)) {                                        \
    uint64_t second = 0, third = 0;                                     \
    const unsigned char *end = next + (lane);                           \
    do {                                                                \
      state = CCRC32C_STEP64(state, load64(next));                      \
      second = CCRC32C_STEP64(second, load64(next + (lane)));           \
      third = CCRC32C_STEP64(third, load64(next + 2 * (lane)));         \
      next += 8;                                                        \
    } while (next < end);                                               \
    state = ccrc32c_shift((zeros), (uint32_t)state) ^ (uint32_t)second; \
    state = ccrc32c_shift((zeros), (uint32_t)state) ^ (uint32_t)third;  \
    next += 2 * (lane);                                                 \
    length -= 3 * (lane);                                               \
  }

CCRC32C_TARGET static uint32_t raw_hardware(uint32_t initial, const unsigned char *next, size_t length) {
  uint64_t state = initial;
  INTERLEAVED(CCRC32C_LONG_LANE, ccrc32c_long_zeros)
  INTERLEAVED(CCRC32C_SHORT_LANE, ccrc32c_short_zeros)
  while (length >= 8) {
    state = CCRC32C_STEP64(state, load64(next));
    next += 8;
    length -= 8;
  }
  while (length-- > 0) {
    state = CCRC32C_STEP8(state, *next++);
  }
  return (uint32_t)state;
}

#endif

typedef uint32_t (*raw_function)(uint32_t, const unsigned char *, size_t);

static raw_function chosen = ccrc32c_raw_portable;
static const char *chosen_name = "portable";

__attribute__((constructor(102))) static void choose(void) {
#ifdef CCRC32C_TARGET
  if (ccrc32c_has_hardware()) {
    chosen = raw_hardware;
    chosen_name = CCRC32C_HARDWARE_NAME;
  }
#endif
}

uint32_t ccrc32c(uint32_t crc, const void *data, size_t length) {
  return ~chosen(~crc, data, length);
}

uint32_t ccrc32c_u64(uint32_t crc, uint64_t value) {
  unsigned char bytes[8];
  for (int index = 0; index < 8; index++) {
    bytes[index] = (unsigned char)(value >> (8 * index));
  }
  return ~chosen(~crc, bytes, sizeof bytes);
}

uint32_t ccrc32c_portable(uint32_t crc, const void *data, size_t length) {
  return ~ccrc32c_raw_portable(~crc, data, length);
}

const char *ccrc32c_implementation(void) { return chosen_name; }
