/*
 * CRC-32C (Castagnoli), the checksum of iSCSI (RFC 3720, appendix B.4), ext4 and most write-ahead logs.
 *
 * The reflected polynomial is 0x82F63B78; the register starts and ends inverted. The check value, the
 * CRC of the nine ASCII bytes "123456789", is 0xE3069283.
 */
#ifndef CCRC32C_H
#define CCRC32C_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/*
 * The CRC-32C of `length` bytes at `data`, continuing from `crc`: begin with 0, and
 * ccrc32c(ccrc32c(0, a), b) is the checksum of a followed by b. `data` may be NULL when `length` is 0.
 *
 * The implementation is chosen when the process starts: SSE4.2 on x86-64, the CRC32 extension on
 * AArch64, tables elsewhere. Safe to call from any thread.
 */
uint32_t ccrc32c(uint32_t crc, const void *data, size_t length);

/* Continues `crc` with the eight bytes of `value` in little-endian order. */
uint32_t ccrc32c_u64(uint32_t crc, uint64_t value);

/* The same function by tables (slicing-by-8), on any processor. */
uint32_t ccrc32c_portable(uint32_t crc, const void *data, size_t length);

/* Which implementation this process uses: "sse4.2", "armv8-crc" or "portable". */
const char *ccrc32c_implementation(void);

#ifdef __cplusplus
}
#endif

#endif
