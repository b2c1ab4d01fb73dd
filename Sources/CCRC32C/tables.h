/* The tables that every implementation shares; filled once, before main. */
#ifndef CCRC32C_TABLES_H
#define CCRC32C_TABLES_H

#include <stddef.h>
#include <stdint.h>

/* The polynomial, reflected. */
#define CCRC32C_POLYNOMIAL UINT32_C(0x82F63B78)

/* Bytes per lane of the interleaved hardware loop; must be a multiple of 8. */
#define CCRC32C_LONG_LANE 4096
#define CCRC32C_SHORT_LANE 256

/* table[k][b]: the register after byte b and k further zero bytes. */
extern uint32_t ccrc32c_table[8][256];
/* zeros[k][b]: the register whose byte k is b, after a lane of zero bytes. */
extern uint32_t ccrc32c_long_zeros[4][256];
extern uint32_t ccrc32c_short_zeros[4][256];

/* Register in, register out: without the inversion at both ends. */
uint32_t ccrc32c_raw_portable(uint32_t state, const unsigned char *next, size_t length);

static inline uint32_t ccrc32c_shift(const uint32_t zeros[4][256], uint32_t state) {
  return zeros[0][state & 0xff] ^ zeros[1][(state >> 8) & 0xff] ^ zeros[2][(state >> 16) & 0xff] ^
         zeros[3][state >> 24];
}

#endif
