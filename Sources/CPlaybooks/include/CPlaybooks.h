#ifndef CDB_PLAYBOOKS_H
#define CDB_PLAYBOOKS_H

#include <stddef.h>

/// A page of docs/04_incident-management/playbooks, as it was when this was built.
struct cdb_playbook {
  /// Its file's name without `.md`.
  const char *name;
  /// In English and in German; UTF-8 that ends with a zero.
  const unsigned char *en;
  const unsigned char *de;
};

/// How many pages there are.
size_t cdb_playbook_count(void);

/// A page, by its place below the count.
struct cdb_playbook cdb_playbook(size_t place);

#endif
