#ifndef CDB_ELK_H
#define CDB_ELK_H

#include <stddef.h>

/// A file of the folder elk, as it was when this was built.
struct cdb_elk_file {
  /// Below that folder.
  const char *path;
  /// UTF-8 that ends with a zero.
  const unsigned char *text;
};

/// How many files there are.
size_t cdb_elk_file_count(void);

/// A file, by its place below the count.
struct cdb_elk_file cdb_elk_file(size_t place);

#endif
