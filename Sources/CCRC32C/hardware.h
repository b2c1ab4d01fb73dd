/* What a processor offers, behind three names; included by crc32c.c only. */
#ifndef CCRC32C_HARDWARE_H
#define CCRC32C_HARDWARE_H

#include <stdint.h>

#if defined(__x86_64__)

#include <nmmintrin.h>
#define CCRC32C_TARGET __attribute__((target("sse4.2")))
#define CCRC32C_HARDWARE_NAME "sse4.2"
#define CCRC32C_STEP8(state, byte) _mm_crc32_u8((uint32_t)(state), (byte))
#define CCRC32C_STEP64(state, word) _mm_crc32_u64((state), (word))

static int ccrc32c_has_hardware(void) {
  __builtin_cpu_init();
  return __builtin_cpu_supports("sse4.2");
}

#elif defined(__aarch64__) && (defined(__linux__) || defined(__APPLE__)) && \
    (!defined(__BYTE_ORDER__) || __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__)

#include <arm_acle.h>
#if defined(__linux__)
#include <sys/auxv.h>
#endif
#define CCRC32C_TARGET __attribute__((target("crc")))
#define CCRC32C_HARDWARE_NAME "armv8-crc"
#define CCRC32C_STEP8(state, byte) __crc32cb((uint32_t)(state), (byte))
#define CCRC32C_STEP64(state, word) __crc32cd((uint32_t)(state), (word))

static int ccrc32c_has_hardware(void) {
#if defined(__linux__)
  return (getauxval(AT_HWCAP) & (1UL << 7)) != 0; /* HWCAP_CRC32 */
#else
  return 1; /* every AArch64 Apple processor has the extension */
#endif
}

#endif

#endif
