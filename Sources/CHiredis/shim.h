#ifndef CHIREDIS_SHIM_H
#define CHIREDIS_SHIM_H

// Only the reply reader and the command formatter are used: they know the protocol, and no socket.

#include <hiredis/hiredis.h>

#endif
