// SPDX-License-Identifier: Apache-2.0
//
// What a worker does with objects of its own (lending.cpp), called by doer.cpp.
#pragma once

#include "worker.hpp"

namespace soak {

/// The answer to a call of this worker's that was the last one made to `target`; what it brings is used and closed.
void take_answer(const granary_message& answer, unsigned target, bool accepts);

void use_timer(Random& random);
/// A new object of a random kind goes along with a call; what was done with it is seen afterwards.
void lend(unsigned target, Random& random);
/// Sends a capability along with a message.
void give(unsigned target, Random& random);
/// Revokes one gift, if there is one, and counts what was done through it.
void take_back(Random& random);
void take_back_all();
/// A port with a chain of duplicates, revoked from the middle.
void revoke_own(Random& random);

}  // namespace soak
