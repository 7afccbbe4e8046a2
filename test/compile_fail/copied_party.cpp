// SPDX-License-Identifier: Apache-2.0
// expects: use of deleted function
// layer: ipc
//
// A party cannot be copied: queues and servers point to it.
#include "ipc/party.hpp"

void look(ipc::Party& party);
#ifdef COMPILES
void look(ipc::Party& party) { static_cast<void>(party); }
#else
void look(ipc::Party& party) { static_cast<void>(ipc::Party(party)); }
#endif
