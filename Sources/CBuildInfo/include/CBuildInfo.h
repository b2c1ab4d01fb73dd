#ifndef CDB_BUILD_INFO_H
#define CDB_BUILD_INFO_H

/// The revision of the sources that this was built from, or "unknown".
const char *cdb_build_revision(void);

#endif
