#include "CBuildInfo.h"

// Package.swift defines it from the repository's state; an archive without one has none.
#ifndef CDB_REVISION
#define CDB_REVISION "unknown"
#endif

const char *cdb_build_revision(void) { return CDB_REVISION; }
