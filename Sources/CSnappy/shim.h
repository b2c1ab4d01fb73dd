#ifndef CSNAPPY_SHIM_H
#define CSNAPPY_SHIM_H

// The block format of https://github.com/google/snappy/blob/main/format_description.txt, as remote write has it.

#include <snappy-c.h>

#endif
