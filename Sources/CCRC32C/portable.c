#include "tables.h"

#include <string.h>

uint32_t ccrc32c_table[8][256];
uint32_t ccrc32c_long_zeros[4][256];
uint32_t ccrc32c_short_zeros[4][256];

static uint32_t after_zeros(uint32_t state, size_t length) {
  while (length-- > 0) {
    state = (state >> 8) ^ ccrc32c_table[0][state & 0xff];
  }
  return state;
}

/* A lane of zeros is a linear map of the register, so 32 basis vectors give the whole table. */
static void fill_zeros(uint32_t zeros[4][256], size_t lane) {
  uint32_t basis[32];
  for (int bit = 0; bit < 32; bit++) {
    basis[bit] = after_zeros(UINT32_C(1) << bit, lane);
  }
  for (int byte = 0; byte < 4; byte++) {
    for (int value = 0; value < 256; value++) {
      uint32_t sum = 0;
      for (int bit = 0; bit < 8; bit++) {
        if (value & (1 << bit)) {
          sum ^= basis[byte * 8 + bit];
        }
      }
      zeros[byte][value] = sum;
    }
  }
}

/* A constructor, so that no call pays for a once-check and no thread can see half a table. */
__attribute__((constructor(101))) static void fill_tables(void) {
  for (uint32_t value = 0; value < 256; value++) {
    uint32_t state = value;
    for (int bit = 0; bit < 8; bit++) {
      state = state & 1 ? (state >> 1) ^ CCRC32C_POLYNOMIAL : state >> 1;
    }
    ccrc32c_table[0][value] = state;
  }
  for (int slice = 1; slice < 8; slice++) {
    for (int value = 0; value < 256; value++) {
      uint32_t before = ccrc32c_table[slice - 1][value];
      ccrc32c_table[slice][value] = (before >> 8) ^ ccrc32c_table[0][before & 0xff];
    }
  }
  fill_zeros(ccrc32c_long_zeros, CCRC32C_LONG_LANE);
  fill_zeros(ccrc32c_short_zeros, CCRC32C_SHORT_LANE);
}

static inline uint32_t load_le32(const unsigned char *bytes) {
  return (uint32_t)bytes[0] | (uint32_t)bytes[1] << 8 | (uint32_t)bytes[2] << 16 | (uint32_t)bytes[3] << 24;
}

uint32_t ccrc32c_raw_portable(uint32_t state, const unsigned char *next, size_t length) {
  while (length >= 8) {
    uint32_t low = load_le32(next) ^ state;
    uint32_t high = load_le32(next + 4);
    state = ccrc32c_table[7][low & 0xff] ^ ccrc32c_table[6][(low >> 8) & 0xff] ^
            ccrc32c_table[5][(low >> 16) & 0xff] ^ ccrc32c_table[4][low >> 24] ^
            ccrc32c_table[3][high & 0xff] ^ ccrc32c_table[2][(high >> 8) & 0xff] ^
            ccrc32c_table[1][(high >> 16) & 0xff] ^ ccrc32c_table[0][high >> 24];
    next += 8;
    length -= 8;
  }
  while (length-- > 0) {
    state = (state >> 8) ^ ccrc32c_table[0][(state ^ *next++) & 0xff];
  }
  return state;
}
