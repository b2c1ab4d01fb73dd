#ifndef CPQ_SHIM_H
#define CPQ_SHIM_H

// The fields of an error are named by characters, which Swift does not import; see
// https://www.postgresql.org/docs/15/libpq-exec.html#LIBPQ-PQRESULTERRORFIELD.

#include <libpq-fe.h>

static inline const char *cpq_sql_state(const PGresult *result) { return PQresultErrorField(result, PG_DIAG_SQLSTATE); }

static inline const char *cpq_message(const PGresult *result) {
  return PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY);
}

static inline const char *cpq_detail(const PGresult *result) { return PQresultErrorField(result, PG_DIAG_MESSAGE_DETAIL); }

#endif
